/** The folders of a room's library: which one is open, what is in it, and every change of them. */

import type { LibraryApi } from '../api/library';
import type { HttpFolder, Look } from '../api/libraryTypes';
import type { Folder, FolderContents, MediaItem } from '../realtime/values';
import { Listing, type ListedEntry, type Looker } from './listing.svelte';

export interface FoldersOptions {
  readonly api: Looker &
    Pick<LibraryApi, 'list' | 'createFolder' | 'renameFolder' | 'moveFolder' | 'removeFolder' | 'moveItemInto'>;
  /** What is in the top folder, followed live; null until it is known. */
  readonly top: () => FolderContents | null;
  /** Follows what is in another one. Returns what ends that. */
  readonly observe: (
    folderId: string,
    onContents: (contents: FolderContents) => void,
    onGone: () => void,
  ) => () => void;
  /** The open folder was removed by somebody else. */
  readonly onGone: (folder: Folder) => void;
}

/** A folder within a dynamic one, and how it is opened. */
interface Within {
  readonly title: string;
  readonly look: Look;
}

/** How many items one page of a folder holds, the observed first one too. */
const PAGE = 200;

export class FoldersStore {
  /** From the top to the open folder; empty at the top. */
  way = $state.raw<readonly Folder[]>([]);
  /** What is in the open folder when it is a dynamic one. */
  readonly live: Listing;
  /** From the open dynamic folder down to what is shown of it; empty where that is the folder itself. */
  within = $state.raw<readonly Within[]>([]);
  /** The items behind the observed ones, as far as they were asked for. */
  rest = $state.raw<readonly MediaItem[]>([]);
  loadingRest = $state(false);
  readonly here: Folder | null = $derived(this.way.at(-1) ?? null);
  readonly contents: FolderContents | null = $derived.by(() =>
    this.here === null ? this.#options.top() : this.#inner,
  );
  readonly items: readonly MediaItem[] = $derived.by(() => this.#items());
  readonly more: boolean = $derived((this.contents?.total ?? 0) > this.items.length && this.items.length > 0);
  #inner = $state.raw<FolderContents | null>(null);
  readonly #options: FoldersOptions;
  #stop: () => void = () => undefined;

  constructor(options: FoldersOptions) {
    this.#options = options;
    this.live = new Listing(options.api);
  }

  /** The folder that what is added now goes into: nothing lies in a dynamic one. */
  get target(): string | null {
    return this.here?.dynamic === true ? this.here.parentId : (this.here?.id ?? null);
  }

  open(folder: Folder): void {
    this.#go([...this.way, folder]);
  }

  /** Back to a folder on the way: 0 is the top, 1 the first folder below it. */
  back(depth: number): void {
    if (depth < this.way.length) this.#go(this.way.slice(0, depth));
  }

  /** Opens a folder that the open dynamic one lists. */
  enter({ title, finding, path }: ListedEntry): void {
    if (path !== null) this.#show([...this.within, { title, look: { finding, folder: path } }]);
  }

  /** Back to a folder on the way within the dynamic one: 0 is that itself. */
  leave(depth: number): void {
    if (depth < this.within.length) this.#show(this.within.slice(0, depth));
  }

  stop(): void {
    this.#stop();
    this.live.cancel();
  }

  /** Shows the next page of items. */
  async loadMore(): Promise<void> {
    const here = this.here?.id ?? null;
    if (this.loadingRest || !this.more) return;
    this.loadingRest = true;
    try {
      const page = Math.floor(this.items.length / PAGE) + 1;
      const { items } = await this.#options.api.list(here, { page, limit: PAGE });
      if ((this.here?.id ?? null) === here) this.rest = withNew(this.rest, items);
    } finally {
      this.loadingRest = false;
    }
  }

  /** To be called when the observed items change: those behind them may have, too. */
  async refreshRest(): Promise<void> {
    const here = this.here?.id ?? null;
    const pages = Math.ceil(this.rest.length / PAGE);
    if (pages === 0) return;
    const wanted = Array.from({ length: pages }, (_, index) => index + 2);
    const answers = await Promise.all(wanted.map((page) => this.#options.api.list(here, { page, limit: PAGE })));
    if ((this.here?.id ?? null) === here) this.rest = answers.flatMap(({ items }) => items);
  }

  async create(title: string): Promise<void> {
    await this.#options.api.createFolder(title, this.target);
  }

  async rename(folder: Folder, title: string): Promise<void> {
    const renamed = await this.#options.api.renameFolder(folder.id, title);
    this.way = this.way.map((other) => (other.id === folder.id ? { ...other, title: renamed.title } : other));
  }

  /** With all that is in it. */
  async remove(folder: Folder): Promise<void> {
    await this.#options.api.removeFolder(folder.id);
  }

  async moveItem(itemId: string, folderId: string | null): Promise<void> {
    await this.#options.api.moveItemInto(itemId, folderId);
    this.rest = this.rest.filter(({ id }) => id !== itemId);
  }

  async moveFolder(id: string, parentId: string | null): Promise<void> {
    await this.#options.api.moveFolder(id, parentId);
  }

  /** The folders in a folder, and the way there: for choosing where to put something. */
  async look(folderId: string | null): Promise<{ folders: readonly HttpFolder[]; crumbs: readonly HttpFolder[] }> {
    return this.#options.api.list(folderId, { limit: 1 });
  }

  #items(): readonly MediaItem[] {
    const observed = this.contents?.items ?? [];
    const known = new Set(observed.map(({ id }) => id));
    return [...observed, ...this.rest.filter(({ id }) => !known.has(id))];
  }

  #show(within: readonly Within[]): void {
    if (this.here === null) return;
    this.within = within;
    void this.live.open(within.at(-1)?.look ?? { folderId: this.here.id });
  }

  #go(way: readonly Folder[]): void {
    this.#stop();
    this.#stop = () => undefined;
    this.live.clear();
    this.within = [];
    this.#inner = null;
    this.rest = [];
    this.way = way;
    const folder = way.at(-1);
    if (folder === undefined) return;
    // A dynamic one is observed too, to hear when it is removed.
    this.#stop = this.#options.observe(
      folder.id,
      (contents) => (this.#inner = contents),
      () => this.#gone(folder),
    );
    if (folder.dynamic) this.#show([]);
    else void this.#learnWay(folder);
  }

  /** Somebody may have moved or renamed what leads here. */
  async #learnWay(folder: Folder): Promise<void> {
    const page = await this.#options.api.list(folder.id, { limit: 1 }).catch(() => null);
    if (page !== null && this.here?.id === folder.id) this.way = page.crumbs;
  }

  #gone(folder: Folder): void {
    if (this.here?.id !== folder.id) return;
    this.#options.onGone(folder);
    this.back(this.way.length - 1);
  }
}

function withNew(known: readonly MediaItem[], items: readonly MediaItem[]): readonly MediaItem[] {
  const ids = new Set(known.map(({ id }) => id));
  return [...known, ...items.filter(({ id }) => !ids.has(id))];
}
