/** What the whole page shares: the server and the signed-in account. */

import { AccountsApi } from '../api/accounts';
import { RoomsApi } from '../api/rooms';
import { AccountSession } from '../api/session';
import type { Account, ServerInfo } from '../api/types';
import { preferences } from './preferences.svelte';

class App {
  account = $state.raw<Account | null>(null);
  server = $state.raw<ServerInfo | null>(null);
  /** False until it is known whether somebody is signed in. */
  ready = $state(false);
  readonly #accounts = new AccountsApi();
  readonly session = new AccountSession(
    this.#accounts,
    { get: () => preferences.signedIn, set: (signedIn) => (preferences.signedIn = signedIn) },
    (account) => (this.account = account),
  );
  readonly rooms = new RoomsApi(this.session);

  async start(): Promise<void> {
    await Promise.all([this.session.restore(), this.#learnServer()]);
    this.ready = true;
  }

  /** The page works without it; it only knows less. */
  async #learnServer(): Promise<void> {
    try {
      this.server = await this.#accounts.server();
    } catch {
      this.server = null;
    }
  }
}

export const app = new App();
