/** Adding what was chosen, told quietly and with a few seconds to think better of it. */

import type { LibraryApi } from '../api/library';
import type { HttpItem } from '../api/libraryTypes';
import { grouped } from './choice.svelte';
import type { ListedEntry } from './listing.svelte';

export type Adder = Pick<LibraryApi, 'add' | 'addDynamic' | 'removeItem' | 'removeFolder'>;

interface Added {
  readonly items: readonly string[];
  readonly folder: string | null;
  /** Of the first one. */
  readonly title: string;
}

export const UNDO_MS = 5_000;
const REMOVALS_AT_ONCE = 4;

export class AdditionsStore {
  /** What was just added; null once it can no longer be undone. */
  last = $state.raw<Added | null>(null);
  undoing = $state(false);
  readonly #api: Adder;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(api: Adder) {
    this.#api = api;
  }

  /**
   * Adds entries to a folder (null: the top), and resolves to the new items. Rejects at the first portion that is
   * refused; what was added before stays, can be undone, and is reported by `onAdded`.
   */
  async add(
    entries: readonly ListedEntry[],
    folderId: string | null,
    onAdded: (entries: readonly ListedEntry[]) => void = () => undefined,
  ): Promise<readonly HttpItem[]> {
    const items: HttpItem[] = [];
    try {
      for (const { finding, choose } of grouped(entries)) {
        items.push(...(await this.#api.add(finding, choose, folderId)));
        onAdded(entries.filter((entry) => entry.finding === finding && choose.includes(entry.index)));
      }
    } finally {
      if (items.length > 0)
        this.#tell({ items: items.map(({ id }) => id), folder: null, title: items[0]?.title ?? '' });
    }
    return items;
  }

  /** Adds a folder of a provider as one that is read live. */
  async addDynamic(finding: string, path: string, title: string, parentId: string | null): Promise<void> {
    const folder = await this.#api.addDynamic(finding, path, title, parentId);
    this.#tell({ items: [], folder: folder.id, title: folder.title });
  }

  /** Removes what was just added. Rejects when some of it could not be; the rest is gone. */
  async undo(): Promise<void> {
    const { last } = this;
    if (last === null || this.undoing) return;
    this.undoing = true;
    clearTimeout(this.#timer);
    try {
      await this.#removeAll(last);
    } finally {
      this.undoing = false;
      this.last = null;
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  async #removeAll({ items, folder }: Added): Promise<void> {
    const waiting = [...items];
    const problems: unknown[] = [];
    const work = async () => {
      for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
        await this.#api.removeItem(id).catch((error: unknown) => problems.push(error));
      }
    };
    await Promise.all(Array.from({ length: REMOVALS_AT_ONCE }, work));
    if (folder !== null) await this.#api.removeFolder(folder);
    if (problems.length > 0) throw problems[0];
  }

  #tell(added: Added): void {
    clearTimeout(this.#timer);
    this.last = added;
    this.#timer = setTimeout(() => (this.last = null), UNDO_MS);
  }
}
