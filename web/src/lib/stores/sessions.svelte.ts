/** Where the account is signed in. */

import type { DeviceSession } from '../api/accountTypes';
import type { MeApi } from '../api/me';

export class SessionsStore {
  /** This one first, then the most recently used. Null until it is known. */
  list = $state.raw<readonly DeviceSession[] | null>(null);
  readonly #me: Pick<MeApi, 'sessions' | 'endSession' | 'endOtherSessions'>;

  constructor(me: Pick<MeApi, 'sessions' | 'endSession' | 'endOtherSessions'>) {
    this.#me = me;
  }

  async load(): Promise<void> {
    const { items } = await this.#me.sessions();
    this.list = [...items].sort(byNearness);
  }

  /** Ending one that is over already is no failure. */
  async end({ id }: DeviceSession): Promise<void> {
    await this.#me.endSession(id);
    this.list = (this.list ?? []).filter((session) => session.id !== id);
  }

  async endOthers(): Promise<void> {
    await this.#me.endOtherSessions();
    this.list = (this.list ?? []).filter((session) => session.current);
  }
}

function byNearness(a: DeviceSession, b: DeviceSession): number {
  if (a.current !== b.current) return a.current ? -1 : 1;
  return Date.parse(b.refreshedAt) - Date.parse(a.refreshedAt);
}
