/** The flying comments of the item that plays. They are fetched once somebody wants to see them. */

import { fetchComments } from '../api/media';
import type { Comment, DanmakuTrack } from '../api/types';
import { preferences } from './preferences.svelte';
import type { DanmakuWishes } from './viewing';

export class DanmakuStore {
  tracks = $state.raw<readonly DanmakuTrack[]>([]);
  comments = $state.raw<readonly Comment[]>([]);
  failed = $state(false);
  readonly #fetch: (url: string) => Promise<readonly Comment[]>;
  readonly #disturbs: () => boolean;
  #itemId: string | null = null;
  /** The address whose comments are here, or on their way. */
  #wanted: string | null = null;

  /** `disturbs` says whether the person asked the system for less motion. */
  constructor(
    fetch: (url: string) => Promise<readonly Comment[]> = fetchComments,
    disturbs: () => boolean = () => matchMedia('(prefers-reduced-motion: reduce)').matches,
  ) {
    this.#fetch = fetch;
    this.#disturbs = disturbs;
  }

  get wishes(): DanmakuWishes {
    return preferences.viewing.danmaku;
  }

  get on(): boolean {
    return this.wishes.on ?? !this.#disturbs();
  }

  /** The tracks of an item; said again with new addresses, what is here stays. */
  offer(itemId: string | null, tracks: readonly DanmakuTrack[]): void {
    const same = itemId === this.#itemId && this.#wanted !== null && !this.failed;
    this.#itemId = itemId;
    this.tracks = tracks;
    if (same) return;
    this.#forget();
    this.#need();
  }

  change(change: Partial<DanmakuWishes>): void {
    preferences.viewing = { ...preferences.viewing, danmaku: { ...this.wishes, ...change } };
    this.#need();
  }

  toggle(): void {
    this.change({ on: !this.on });
  }

  retry(): void {
    this.#forget();
    this.#need();
  }

  #forget(): void {
    this.#wanted = null;
    this.comments = [];
    this.failed = false;
  }

  /** The best track stands first. */
  #need(): void {
    const url = this.tracks[0]?.url;
    if (!this.on || url === undefined || this.#wanted !== null) return;
    this.#wanted = url;
    this.#fetch(url).then(
      (comments) => {
        if (this.#wanted === url) this.comments = comments;
      },
      () => {
        if (this.#wanted === url) this.failed = true;
      },
    );
  }
}
