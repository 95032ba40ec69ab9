/** What the whole page shares: the server and the signed-in account. */

import type { Account } from '../api/accountTypes';
import { AuthApi } from '../api/auth';
import type { ApiError } from '../api/problem';
import { RoomsApi } from '../api/rooms';
import { AccountSession } from '../api/session';
import type { Features, ServerInfo } from '../api/types';
import { featuresOf } from './features';
import { preferences } from './preferences.svelte';

class App {
  account = $state.raw<Account | null>(null);
  server = $state.raw<ServerInfo | null>(null);
  /** Why the server ended the session; null when the person did, and after signing in again. */
  refusal = $state.raw<ApiError | null>(null);
  /** Until when the account that was just closed here can be brought back; null when none was. */
  closedUntil = $state<string | null>(null);
  /** False until it is known whether somebody is signed in. */
  ready = $state(false);
  readonly features: Features = $derived(featuresOf(this.server));
  readonly auth = new AuthApi();
  readonly session = new AccountSession({
    api: this.auth,
    mark: { get: () => preferences.signedIn, set: (signedIn) => (preferences.signedIn = signedIn) },
    onAccount: (account, refusal) => {
      this.account = account;
      this.refusal = refusal;
      this.closedUntil = null;
    },
  });
  readonly rooms = new RoomsApi(this.session);

  async start(): Promise<void> {
    await Promise.all([this.session.restore(), this.learnServer().catch(() => undefined)]);
    this.ready = true;
  }

  /** What the server offers. Home works without it, and only knows less; signing in must know. Rejects when offline. */
  async learnServer(): Promise<void> {
    this.server ??= await this.auth.server();
  }
}

export const app = new App();
