/**
 * The signed-in account of this browser. The access token is only ever in memory; a reload gets a new one for the
 * refresh cookie. One refresh runs at a time, over all tabs where the browser can tell: refresh tokens rotate.
 */

import type { Account, SessionAnswer } from './accountTypes';
import type { AuthApi } from './auth';
import type { Credential } from './http';
import { ApiError } from './problem';

/** Refreshed this long before the access token ends. */
const EARLY_MS = 30_000;
const LOCK = 'synctv-refresh';

/** What is kept over a reload: only that there may be a session, so that visitors cause no pointless refresh. */
export interface SignedInMark {
  get(): boolean;
  set(signedIn: boolean): void;
}

export interface SessionOptions {
  readonly api: AuthApi;
  readonly mark: SignedInMark;
  /** `refusal`: why the server ended the session; null when the person did, or when there is an account. */
  readonly onAccount: (account: Account | null, refusal: ApiError | null) => void;
}

export class AccountSession implements Credential {
  readonly #options: SessionOptions;
  #token: string | null = null;
  #goodUntil = 0;
  #refreshing: Promise<boolean> | null = null;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Brings the session of an earlier visit back, if there is one. */
  async restore(): Promise<void> {
    if (this.#options.mark.get()) await this.renew();
  }

  /** Begins with what the server answered to whoever proved to be somebody. */
  adopt(answer: SessionAnswer): void {
    this.#token = answer.accessToken;
    this.#goodUntil = performance.now() + answer.expiresIn * 1000;
    this.#options.mark.set(true);
    this.#options.onAccount(answer.account, null);
  }

  /** Signs out here even when the server can't be reached. */
  async signOut(): Promise<void> {
    try {
      await this.#options.api.signOut(this);
    } finally {
      this.#end(null);
    }
  }

  /** Ends it here: the server has ended it already, since the account is closed. */
  forget(): void {
    this.#end(null);
  }

  async token(): Promise<string | null> {
    if (this.#token !== null && performance.now() > this.#goodUntil - EARLY_MS) await this.renew();
    return this.#token;
  }

  /** Resolves to false, and ends the session, when the cookie is no longer good. Being offline ends nothing. */
  renew(): Promise<boolean> {
    this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = null));
    return this.#refreshing;
  }

  async #refresh(): Promise<boolean> {
    try {
      this.adopt(await exclusively(() => this.#options.api.refresh()));
      return true;
    } catch (error) {
      if (error instanceof ApiError && (error.status === 401 || error.status === 403)) this.#end(error);
      return false;
    }
  }

  #end(refusal: ApiError | null): void {
    this.#token = null;
    this.#options.mark.set(false);
    this.#options.onAccount(null, refusal);
  }
}

function exclusively<T>(work: () => Promise<T>): Promise<T> {
  const locks = (globalThis.navigator as Navigator | undefined)?.locks;
  // Missing where the page is not served securely; then only this tab is kept in order.
  return locks === undefined ? work() : (locks.request(LOCK, work) as Promise<T>);
}
