/** Subtitles inside a DASH stream: dash.js puts them into text tracks of the element, and the page draws them. */

import { MediaPlayer, type MediaInfo, type MediaPlayerClass, type TextTrackInfo } from 'dashjs';
import type { InnerTrack } from '../engine';
import { InsideCues, type Cues } from '../subtitles/inside';

/** By this dash.js tells its text tracks apart. They stay at the element for ever, and are used again. */
interface DashTrack extends TextTrack {
  readonly isTTML?: boolean;
  readonly isEmbedded?: boolean;
}

export class DashTexts {
  readonly #engine: MediaPlayerClass;
  readonly #video: HTMLVideoElement;
  #infos: readonly TextTrackInfo[] = [];
  #chosen: TextTrack | null = null;

  /** `changed` is called each time that there are other tracks: each period of a stream has its own. */
  constructor(engine: MediaPlayerClass, video: HTMLVideoElement, changed: () => void) {
    this.#engine = engine;
    this.#video = video;
    engine.on(MediaPlayer.events.TEXT_TRACKS_ADDED, ({ tracks }) => {
      this.#infos = tracks;
      this.#settle();
      changed();
    });
  }

  /** Captions that lie in the picture (CEA-608) are drawn by dash.js or not at all, and are left out. */
  get tracks(): readonly InnerTrack[] {
    return this.#infos.flatMap((info, index) =>
      info.isEmbedded ? [] : [{ id: String(index), label: labelOf(info), language: info.lang || null }],
    );
  }

  /** What the track says, which is loaded from now on; null for none. */
  choose(id: string | null): Cues | null {
    const info = id === null ? undefined : this.#infos[Number(id)];
    this.#chosen = info === undefined ? null : (this.#own().find((track) => isOf(info, track)) ?? null);
    this.#settle();
    if (this.#infos.length > 0) this.#engine.setTextTrack(info === undefined ? -1 : this.#infos.indexOf(info));
    this.#settle();
    return this.#chosen === null ? null : new InsideCues(this.#video);
  }

  /** Leaves nothing at the element that another source could be taken to say. */
  release(): void {
    for (const track of this.#own()) {
      track.mode = 'hidden';
      for (const cue of Array.from(track.cues ?? [])) track.removeCue(cue);
      track.mode = 'disabled';
    }
  }

  /** Only the chosen one is loaded, and the browser draws none. */
  #settle(): void {
    for (const track of this.#own()) track.mode = track === this.#chosen ? 'hidden' : 'disabled';
  }

  #own(): readonly DashTrack[] {
    return Array.from(this.#video.textTracks as ArrayLike<DashTrack>).filter((track) => track.isTTML !== undefined);
  }
}

export function labelOf({ labels }: MediaInfo): string {
  const [first] = labels as readonly { readonly text?: string }[];
  return first?.text ?? '';
}

function isOf({ kind, id, lang, isTTML, isEmbedded }: TextTrackInfo, track: DashTrack): boolean {
  const named = !id || track.label === String(id);
  const same = track.kind === kind && track.language === lang;
  return named && same && track.isTTML === isTTML && track.isEmbedded === isEmbedded;
}
