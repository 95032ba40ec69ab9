/** One's sign-ins at the servers of providers, and signing in where something asks for it. */

import { ApiError } from '../api/problem';
import type { LoginCode, MediaLogin, Provider } from '../api/libraryTypes';
import type { ProvidersApi } from '../api/providers';

/** Where somebody has to sign in before something can go on. */
export interface SignInQuestion {
  readonly provider: Provider;
  /** Filled in, where it is known. */
  readonly server: string;
  readonly answer: (login: MediaLogin | null) => void;
}

export class CredentialsStore {
  /** Null until they are known. */
  providers = $state.raw<readonly Provider[] | null>(null);
  list = $state.raw<readonly MediaLogin[] | null>(null);
  question = $state.raw<SignInQuestion | null>(null);
  readonly #api: ProvidersApi;
  #loading: Promise<void> | null = null;

  constructor(api: ProvidersApi) {
    this.#api = api;
  }

  /** Learns once which providers there are and where one is signed in. Rejects when that is not known. */
  load(): Promise<void> {
    if (this.providers !== null && this.list !== null) return Promise.resolve();
    this.#loading ??= this.#fetch().finally(() => (this.#loading = null));
    return this.#loading;
  }

  provider(name: string): Provider | null {
    return this.providers?.find((provider) => provider.name === name) ?? null;
  }

  /** Rejects where it was refused, with the problems of the fields below `fields`. */
  async signIn(provider: string, form: string, fields: Readonly<Record<string, string>>): Promise<MediaLogin> {
    return this.#add(await this.#api.signIn(provider, form, fields));
  }

  /** A code to confirm at the provider's server. Rejects as `signIn` does. */
  beginCode(provider: string, form: string, fields: Readonly<Record<string, string>>): Promise<LoginCode> {
    return this.#api.beginCode(provider, form, fields);
  }

  /** The sign-in, once the code is confirmed; null until then. Rejects with `flow_over` when it has run out. */
  async checkCode({ flow }: LoginCode): Promise<MediaLogin | null> {
    const login = await this.#api.checkCode(flow);
    return login === null ? null : this.#add(login);
  }

  /** Asks the server whether it is still good. A refusal is its new state. */
  async check(login: MediaLogin): Promise<void> {
    try {
      this.#replace(await this.#api.check(login.id));
    } catch (error) {
      if (error instanceof ApiError && error.code === 'upstream_credential')
        this.#replace({ ...login, state: 'refused' });
      throw error;
    }
  }

  /** Forgetting one that is gone already is no failure. */
  async remove({ id }: MediaLogin): Promise<void> {
    try {
      await this.#api.remove(id);
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 'not_found')) throw error;
    }
    this.list = (this.list ?? []).filter((login) => login.id !== id);
  }

  /** Where the error says that a sign-in is needed, and there is a way to sign in there. */
  placeIn(error: unknown): { provider: Provider; server: string } | null {
    if (!(error instanceof ApiError) || error.code !== 'upstream_credential') return null;
    const provider = this.provider(error.upstream?.provider ?? '');
    return provider === null || provider.logins.length === 0
      ? null
      : { provider, server: error.upstream?.server ?? '' };
  }

  /** Opens the form of a provider. Resolves to the sign-in, or to null when the person closes it. */
  ask(provider: Provider, server: string): Promise<MediaLogin | null> {
    this.question?.answer(null);
    return new Promise((resolve) => {
      const answer = (login: MediaLogin | null) => {
        if (this.question?.answer === answer) this.question = null;
        resolve(login);
      };
      this.question = { provider, server, answer };
    });
  }

  async #fetch(): Promise<void> {
    [this.providers, this.list] = await Promise.all([this.#api.providers(), this.#api.logins()]);
  }

  #add(login: MediaLogin): MediaLogin {
    const others = (this.list ?? []).filter(({ id }) => id !== login.id);
    this.list = [...others, login];
    return login;
  }

  #replace(login: MediaLogin): void {
    this.list = (this.list ?? []).map((other) => (other.id === login.id ? login : other));
  }
}
