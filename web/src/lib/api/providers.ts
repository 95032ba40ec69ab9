/** Where things can be added from, and one's sign-ins there. */

import { Http, type Credential } from './http';
import type { LoginCode, MediaLogin, Provider } from './libraryTypes';

/** Signing in and checking ask another server, which may be slow. */
const ELSEWHERE_MS = 60_000;

export class ProvidersApi {
  readonly #http: Http;

  constructor(credential: Credential) {
    this.#http = new Http(credential);
  }

  async providers(): Promise<readonly Provider[]> {
    return (await this.#http.get<{ items: readonly Provider[] }>('/providers')).items;
  }

  async logins(): Promise<readonly MediaLogin[]> {
    return (await this.#http.get<{ items: readonly MediaLogin[] }>('/me/credentials')).items;
  }

  /** Anew, where there is one already. */
  signIn(provider: string, form: string, fields: Readonly<Record<string, string>>): Promise<MediaLogin> {
    return this.#http.ask('/me/credentials', { provider, form, fields }, { within: ELSEWHERE_MS });
  }

  beginCode(provider: string, form: string, fields: Readonly<Record<string, string>>): Promise<LoginCode> {
    return this.#http.ask('/me/credentials/codes', { provider, form, fields }, { within: ELSEWHERE_MS });
  }

  /** Null until the code is confirmed. */
  async checkCode(flow: string): Promise<MediaLogin | null> {
    const answer = await this.#http.ask<{ credential: MediaLogin | null }>(
      '/me/credentials/codes/check',
      { flow },
      { within: ELSEWHERE_MS },
    );
    return answer.credential;
  }

  check(id: string): Promise<MediaLogin> {
    return this.#http.ask(`/me/credentials/${encodeURIComponent(id)}/check`, {}, { within: ELSEWHERE_MS });
  }

  remove(id: string): Promise<void> {
    return this.#http.delete(`/me/credentials/${encodeURIComponent(id)}`);
  }
}
