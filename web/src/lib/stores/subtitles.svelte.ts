/** The subtitles of the item that plays: which there are, which one is shown, and what it says. */

import { fetchText } from '../api/media';
import type { SubtitleTrack } from '../api/types';
import { subtitleToBegin } from '../player/choices';
import type { InnerTrack } from '../player/engine';
import type { Cues } from '../player/subtitles/inside';
import { CueTrack } from '../player/subtitles/track';
import { cuesIn } from '../player/subtitles/vtt';
import { preferences } from './preferences.svelte';
import { offsetOf, withOffset, type Size, type SubtitleWishes } from './viewing';

/** Subtitles inside the source that plays. */
export interface Inside {
  readonly tracks: readonly InnerTrack[];
  /** What a track says, by its id; null for none. */
  readonly choose: (id: string | null) => Cues | null;
}

const INSIDE = 'inside:';

export class SubtitlesStore {
  chosenId = $state<string | null>(null);
  /** What the chosen track says; null while it is not known. */
  cues = $state.raw<Cues | null>(null);
  /** Whether the chosen track could not be had. */
  failed = $state(false);
  readonly #fetch: (url: string) => Promise<string>;
  #offered = $state.raw<readonly SubtitleTrack[]>([]);
  #inside = $state.raw<Inside | null>(null);
  /** Those of the playable, then those inside the source. */
  readonly tracks: readonly SubtitleTrack[] = $derived([
    ...this.#offered,
    ...(this.#inside?.tracks ?? []).map(asSubtitle),
  ]);
  #itemId = $state<string | null>(null);
  /** Whether somebody chose for this item; until then what is offered later may be what is liked. */
  #chosen = false;
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
    this.#offered = tracks;
    if (!same) {
      this.#chosen = false;
      this.#begin();
    } else if (this.failed) {
      this.retry();
    }
  }

  /** What is inside the present source; null while there is none. */
  offerInside(inside: Inside | null): void {
    const before = this.#inside?.tracks.length ?? 0;
    this.#inside = inside;
    if (inside === null || inside.tracks.length === before) return;
    if (this.chosenId === null && !this.#chosen) this.#begin();
    else if (innerId(this.chosenId) !== null) this.#show(this.chosenId);
    else inside.choose(null);
  }

  /** Null shows none. */
  choose(id: string | null): void {
    const wishes = preferences.viewing.subtitles;
    const language = this.tracks.find((track) => track.id === id)?.language ?? wishes.language;
    this.#remember({ ...wishes, on: id !== null, language });
    this.#chosen = true;
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

  #begin(): void {
    this.#show(subtitleToBegin(this.tracks, preferences.viewing.subtitles)?.id ?? null);
  }

  #show(id: string | null): void {
    this.chosenId = id;
    this.failed = false;
    this.#round += 1;
    const inner = innerId(id);
    this.cues = this.#inside?.choose(inner) ?? null;
    if (inner === null && this.chosen !== null) void this.#load(this.chosen.url, this.#round);
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

/** The id that the engine gave; null for a track that is not inside the source. */
function innerId(id: string | null): string | null {
  return id?.startsWith(INSIDE) === true ? id.slice(INSIDE.length) : null;
}

function asSubtitle({ id, label, language }: InnerTrack): SubtitleTrack {
  return { id: INSIDE + id, label: label || (language ?? id), language, url: '', default: false };
}
