/** Who asks to join a room, for those who may let them in. */

import { ApiError } from '../api/problem';
import type { JoinRequest, JoinRequestPage } from '../api/types';

export type Decision = 'approve' | 'reject';

export interface JoinRequestsOptions {
  readonly api: {
    joinRequests(): Promise<JoinRequestPage>;
    decideJoinRequest(accountId: string, decision: Decision): Promise<void>;
  };
  /** Called for requests that come while somebody is there to hear of them, not for those found on arrival. */
  readonly onAsked: (request: JoinRequest) => void;
}

const RETRY_MS = 5000;

export class JoinRequestsStore {
  list = $state.raw<readonly JoinRequest[]>([]);
  /** How many there are; more than in the list when one answer does not hold them all. */
  total = $state(0);
  readonly #options: JoinRequestsOptions;
  #allowed = false;
  /** Null before the first answer. */
  #known: ReadonlySet<string> | null = null;
  #fetching = false;
  #again = false;
  /** Counted so that an answer from before one does not bring the decided request back. */
  #decisions = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(options: JoinRequestsOptions) {
    this.#options = options;
  }

  /** Follows the viewer's permission: fetches when it is there, empties when it is gone. */
  allow(allowed: boolean): void {
    if (allowed === this.#allowed) return;
    this.#allowed = allowed;
    if (allowed) this.refresh();
    else this.#empty();
  }

  stop(): void {
    this.allow(false);
  }

  /** To be called whenever something may have changed. One fetch runs at a time, and one more after it when needed. */
  refresh(): void {
    if (!this.#allowed) return;
    clearTimeout(this.#retry);
    if (this.#fetching) this.#again = true;
    else void this.#fetch();
  }

  /** Rejects with an `ApiError`; `not_found` when somebody else decided or the request was taken back. */
  async decide({ account }: JoinRequest, decision: Decision): Promise<void> {
    try {
      await this.#options.api.decideJoinRequest(account.id, decision);
      this.#decisions += 1;
      this.#show(
        this.list.filter((other) => other.account.id !== account.id),
        this.total - 1,
      );
    } finally {
      this.refresh();
    }
  }

  async #fetch(): Promise<void> {
    this.#fetching = true;
    this.#again = false;
    const decisions = this.#decisions;
    try {
      const page = await this.#options.api.joinRequests();
      if (decisions === this.#decisions) this.#receive(page);
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#fetching = false;
    }
    if (this.#again) this.refresh();
  }

  #receive({ items, total }: JoinRequestPage): void {
    if (!this.#allowed) return;
    const known = this.#known;
    this.#show(items, total);
    if (known === null) return;
    for (const request of items) if (!known.has(request.account.id)) this.#options.onAsked(request);
  }

  #show(list: readonly JoinRequest[], total: number): void {
    this.list = list;
    this.total = Math.max(list.length, total);
    this.#known = new Set(list.map(({ account }) => account.id));
  }

  #failed(error: unknown): void {
    // Refusals are followed by a change of permissions or the end of the connection.
    if (!this.#allowed || (error instanceof ApiError && [401, 403, 404].includes(error.status))) return;
    const asked = error instanceof ApiError ? (error.retryAfter ?? 0) * 1000 : 0;
    this.#retry = setTimeout(() => this.refresh(), Math.max(RETRY_MS, asked));
  }

  #empty(): void {
    clearTimeout(this.#retry);
    this.list = [];
    this.total = 0;
    this.#known = null;
  }
}
