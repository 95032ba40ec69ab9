/**
 * The signed-in account of this browser. The access token is only ever in memory; a reload gets a new one for the
 * refresh cookie. One refresh runs at a time, over all tabs where the browser can tell: refresh tokens rotate.
 */

import type { AccountsApi } from './accounts';
import type { Credential } from './http';
import { ApiError } from './problem';
import type { Account, SessionAnswer } from './types';

/** Refreshed this long before the access token ends. */
const EARLY_MS = 30_000;
const LOCK = 'synctv-refresh';

/** What is kept over a reload: only that there may be a session, so that visitors cause no pointless refresh. */
export interface SignedInMark {
  get(): boolean;
  set(signedIn: boolean): void;
}

export class AccountSession implements Credential {
  readonly #api: AccountsApi;
  readonly #mark: SignedInMark;
  readonly #onAccount: (account: Account | null) => void;
  #token: string | null = null;
  #goodUntil = 0;
  #refreshing: Promise<boolean> | null = null;

  constructor(api: AccountsApi, mark: SignedInMark, onAccount: (account: Account | null) => void) {
    this.#api = api;
    this.#mark = mark;
    this.#onAccount = onAccount;
  }

  /** Brings the session of an earlier visit back, if there is one. */
  async restore(): Promise<void> {
    if (this.#mark.get()) await this.renew();
  }

  async setup(token: string, username: string, password: string): Promise<void> {
    this.#begin(await this.#api.setup(token, username, password));
  }

  async signIn(username: string, password: string): Promise<void> {
    this.#begin(await this.#api.signIn(username, password));
  }

  /** Signs out here even when the server can't be reached. */
  async signOut(): Promise<void> {
    try {
      await this.#api.signOut(this);
    } finally {
      this.#end();
    }
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
      this.#begin(await exclusively(() => this.#api.refresh()));
      return true;
    } catch (error) {
      if (error instanceof ApiError && (error.status === 401 || error.status === 403)) this.#end();
      return false;
    }
  }

  #begin(answer: SessionAnswer): void {
    this.#token = answer.accessToken;
    this.#goodUntil = performance.now() + answer.expiresIn * 1000;
    this.#mark.set(true);
    this.#onAccount(answer.account);
  }

  #end(): void {
    this.#token = null;
    this.#mark.set(false);
    this.#onAccount(null);
  }
}

function exclusively<T>(work: () => Promise<T>): Promise<T> {
  const locks = (globalThis.navigator as Navigator | undefined)?.locks;
  // Missing where the page is not served securely; then only this tab is kept in order.
  return locks === undefined ? work() : (locks.request(LOCK, work) as Promise<T>);
}
