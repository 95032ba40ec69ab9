/** Brings a source into a media element. The engines are chunks of their own, loaded when one is needed. */

import type { SourceTrouble } from './delivery';
import type { Source } from './source';
import type { Cues } from './subtitles/inside';

/** One quality of an adaptive stream. */
export interface Level {
  readonly id: string;
  readonly height: number | null;
  /** Bits a second. */
  readonly bitrate: number | null;
}

/** A track of sound, or of subtitles inside a stream. */
export interface InnerTrack {
  readonly id: string;
  readonly label: string;
  /** BCP 47, or null where nobody said. */
  readonly language: string | null;
}

/** What there is to choose from inside a source. */
export interface Tracks {
  /** Greatest first. */
  readonly levels: readonly Level[];
  /** Chosen by hand; null while the engine chooses. */
  readonly level: string | null;
  /** The one that is seen. */
  readonly playing: string | null;
  readonly audio: readonly InnerTrack[];
  readonly audioId: string | null;
  readonly texts: readonly InnerTrack[];
}

export const NO_TRACKS: Tracks = { levels: [], level: null, playing: null, audio: [], audioId: null, texts: [] };

export interface LoadedSource {
  /** Null lets the engine choose. */
  chooseLevel(id: string | null): void;
  chooseAudio(id: string): void;
  /** What these subtitles inside the source say; they are loaded from now on, and no others. Null for none. */
  chooseText(id: string | null): Cues | null;
  /** Takes the source out of the element again. */
  release(): void;
}

export interface EngineHost {
  readonly video: HTMLVideoElement;
  /** Where the shared playback stands (seconds): what lies before it need not be loaded. Null for a live stream. */
  readonly startAt: number | null;
  /** The source can't be played (any more); the engine has then tried what it could. */
  readonly onTrouble: (trouble: SourceTrouble) => void;
  readonly onTracks: (tracks: Tracks) => void;
}

export type Attach = (host: EngineHost) => LoadedSource;

/** Gets the engine for a source. Nothing touches an element before the result is called. */
export async function prepare({ engine, variant }: Source): Promise<Attach> {
  switch (engine) {
    case 'hls':
      return (await import('./engines/hls')).hls(variant);
    case 'dash':
      return (await import('./engines/dash')).dash(variant);
    case 'mpegts':
      return (await import('./engines/mpegts')).mpegts(variant);
    default:
      return (await import('./engines/native')).native(variant);
  }
}
