/** What was found somewhere, page after page. One look at a time: a new one takes the one under way back. */

import type { Crumb, Entry, Finding, Look } from '../api/libraryTypes';
import type { LibraryApi } from '../api/library';

export interface ListedEntry extends Entry {
  readonly finding: string;
  /** Names it among all pages. */
  readonly key: string;
}

export type Looker = Pick<LibraryApi, 'look'>;

/** More than this nobody reads through; searching is the way on. */
export const MOST_LISTED = 2_000;

export class Listing {
  /** Null until there is an answer. */
  entries = $state.raw<readonly ListedEntry[] | null>(null);
  crumbs = $state.raw<readonly Crumb[]>([]);
  total = $state<number | null>(null);
  busy = $state(false);
  error = $state.raw<unknown>(null);
  /** The last page that came. */
  finding = $state.raw<Finding | null>(null);
  readonly more: boolean = $derived(this.finding?.nextCursor != null && (this.entries?.length ?? 0) < MOST_LISTED);
  readonly #api: Looker;
  #look: Look | null = null;
  #under: AbortController | null = null;

  constructor(api: Looker) {
    this.#api = api;
  }

  /** Shows the first page of something else. Resolves to it, or to null where that failed or was taken back. */
  open(look: Look): Promise<Finding | null> {
    this.clear();
    this.#look = look;
    return this.#ask();
  }

  /** Adds the next page. */
  async next(): Promise<void> {
    if (!this.busy && this.more) await this.#ask(this.finding?.nextCursor ?? undefined);
  }

  /** Asks once more for what failed. */
  async again(): Promise<void> {
    if (this.#look !== null && !this.busy) await this.#ask(this.finding?.nextCursor ?? undefined);
  }

  /** Takes the question under way back; what is shown stays. */
  cancel(): void {
    this.#under?.abort();
    this.#under = null;
    this.busy = false;
  }

  clear(): void {
    this.cancel();
    this.#look = null;
    this.entries = null;
    this.finding = null;
    this.crumbs = [];
    this.total = null;
    this.error = null;
  }

  async #ask(cursor?: string): Promise<Finding | null> {
    if (this.#look === null) return null;
    const under = new AbortController();
    this.#under = under;
    this.busy = true;
    this.error = null;
    try {
      const finding = await this.#api.look(cursor === undefined ? this.#look : { ...this.#look, cursor }, under.signal);
      if (under.signal.aborted) return null;
      this.#receive(finding, cursor !== undefined);
      return finding;
    } catch (error) {
      if (!under.signal.aborted) this.error = error;
      return null;
    } finally {
      if (this.#under === under) this.cancel();
    }
  }

  #receive(finding: Finding, following: boolean): void {
    this.finding = finding;
    if (!following) this.crumbs = finding.crumbs;
    this.total = finding.total ?? this.total;
    this.entries = [...(this.entries ?? []), ...finding.entries.map((entry) => listed(entry, finding.id))];
  }
}

function listed(entry: Entry, finding: string): ListedEntry {
  return { ...entry, finding, key: `${finding}/${entry.index}` };
}
