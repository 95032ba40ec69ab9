/** The subtitles of the item that plays: which there are, which one is shown, and what it says. */

import { fetchText } from '../api/media';
import type { SubtitleTrack } from '../api/types';
import { subtitleToBegin } from '../player/choices';
import { CueTrack } from '../player/subtitles/track';
import { cuesIn } from '../player/subtitles/vtt';
import { preferences } from './preferences.svelte';
import { offsetOf, withOffset, type Size, type SubtitleWishes } from './viewing';

export class SubtitlesStore {
  tracks = $state.raw<readonly SubtitleTrack[]>([]);
  chosenId = $state<string | null>(null);
  /** What the chosen track says; null while it is not known. */
  cues = $state.raw<CueTrack | null>(null);
  /** Whether the chosen track could not be had. */
  failed = $state(false);
  readonly #fetch: (url: string) => Promise<string>;
  #itemId = $state<string | null>(null);
  #round = 0;

  constructor(fetch: (url: string) => Promise<string> = fetchText) {
    this.#fetch = fetch;
  }

  get chosen(): SubtitleTrack | null {
    return this.tracks.find(({ id }) => id === this.chosenId) ?? null;
  }

  get size(): Size {
    return preferences.viewing.subtitles.size;
  }
  set size(size: Size) {
    this.#remember({ ...preferences.viewing.subtitles, size });
  }

  /** Seconds by which the chosen track is shown later. */
  get offset(): number {
    return this.chosenId === null ? 0 : offsetOf(preferences.viewing.subtitles, this.#name(this.chosenId));
  }
  set offset(offset: number) {
    if (this.chosenId === null) return;
    this.#remember(withOffset(preferences.viewing.subtitles, this.#name(this.chosenId), offset));
  }

  /** The tracks of an item. Said again for the same item, as with new addresses, the choice stays. */
  offer(itemId: string | null, tracks: readonly SubtitleTrack[]): void {
    const same = itemId === this.#itemId;
    this.#itemId = itemId;
    this.tracks = tracks;
    if (same && (this.chosenId === null || this.chosen !== null)) {
      if (this.failed) this.retry();
      return;
    }
    this.#show(subtitleToBegin(tracks, preferences.viewing.subtitles)?.id ?? null);
  }

  /** Null shows none. */
  choose(id: string | null): void {
    const wishes = preferences.viewing.subtitles;
    const language = this.tracks.find((track) => track.id === id)?.language ?? wishes.language;
    this.#remember({ ...wishes, on: id !== null, language });
    this.#show(id);
  }

  /** Off, or on in the language chosen last. */
  toggle(): void {
    const liked = subtitleToBegin(this.tracks, { ...preferences.viewing.subtitles, on: true });
    this.choose(this.chosenId === null ? ((liked ?? this.tracks[0])?.id ?? null) : null);
  }

  retry(): void {
    this.#show(this.chosenId);
  }

  #show(id: string | null): void {
    this.chosenId = id;
    this.cues = null;
    this.failed = false;
    this.#round += 1;
    if (this.chosen !== null) void this.#load(this.chosen.url, this.#round);
  }

  async #load(url: string, round: number): Promise<void> {
    let cues: CueTrack | null;
    try {
      cues = new CueTrack(cuesIn(await this.#fetch(url)));
    } catch {
      cues = null;
    }
    if (round !== this.#round) return;
    this.cues = cues;
    this.failed = cues === null || cues.length === 0;
  }

  #remember(subtitles: SubtitleWishes): void {
    preferences.viewing = { ...preferences.viewing, subtitles };
  }

  #name(track: string): string {
    return `${this.#itemId ?? ''}/${track}`;
  }
}
