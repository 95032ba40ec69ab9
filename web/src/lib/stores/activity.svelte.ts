/** What was done to the account, newest first, page after page. */

import type { ActivityEntry } from '../api/accountTypes';
import type { MeApi } from '../api/me';

export class ActivityStore {
  /** Null until the first page is there. */
  list = $state.raw<readonly ActivityEntry[] | null>(null);
  /** Whether there are older ones. */
  more = $state(false);
  readonly #me: Pick<MeApi, 'activity'>;
  #cursor: string | null = null;

  constructor(me: Pick<MeApi, 'activity'>) {
    this.#me = me;
  }

  /** The first page, or the one after those that are there. */
  async load(): Promise<void> {
    const page = await this.#me.activity(this.#cursor ?? undefined);
    this.list = [...(this.list ?? []), ...page.items];
    this.#cursor = page.nextCursor;
    this.more = page.nextCursor !== null;
  }
}
