/** Files, and HLS where nothing else can play it, by the browser itself. */

import type { Variant } from '../../api/types';
import { NO_TRACKS, type Attach, type InnerTrack, type Tracks } from '../engine';
import { InsideCues, isText } from '../subtitles/inside';
import { unload, watchErrors } from './element';

interface NativeTrack {
  readonly label: string;
  readonly language: string;
}

/** Only some browsers let choose the sound of a file. */
interface NativeAudio extends EventTarget, ArrayLike<NativeTrack & { enabled: boolean }> {}

const EVENTS = ['addtrack', 'change', 'removetrack'] as const;

export function native({ url }: Variant): Attach {
  return ({ video, onTrouble, onTracks }) => {
    const unwatch = watchErrors(video, onTrouble);
    const audio = (video as { audioTracks?: NativeAudio }).audioTracks ?? null;
    const end = new AbortController();
    // What engines put there for other sources can't be taken away again.
    const foreign: ReadonlySet<TextTrack> = new Set(listed(video.textTracks));
    const changed = () => onTracks(tracksOf(video, audio, foreign));
    for (const event of EVENTS) {
      audio?.addEventListener(event, changed, { signal: end.signal });
      video.textTracks.addEventListener(event, changed, { signal: end.signal });
    }
    video.preload = 'auto';
    video.src = url;
    return {
      chooseLevel: () => undefined,
      chooseAudio: (id) => listed(audio).forEach((track, i) => (track.enabled = String(i) === id)),
      chooseText(id) {
        listed(video.textTracks).forEach((track, i) => turn(track, String(i) === id));
        return id === null ? null : new InsideCues(video);
      },
      release() {
        end.abort();
        unwatch();
        unload(video);
      },
    };
  };
}

function tracksOf(video: HTMLVideoElement, audio: NativeAudio | null, foreign: ReadonlySet<TextTrack>): Tracks {
  const heard = listed(audio).findIndex(({ enabled }) => enabled);
  const texts = listed(video.textTracks).flatMap((track, i) =>
    isText(track.kind) && !foreign.has(track) ? [innerTrack(track, i)] : [],
  );
  return {
    ...NO_TRACKS,
    audio: listed(audio).map(innerTrack),
    audioId: heard < 0 ? null : String(heard),
    texts,
  };
}

function innerTrack({ label, language }: NativeTrack, index: number): InnerTrack {
  return { id: String(index), label, language: language || null };
}

function turn(track: TextTrack, on: boolean): void {
  const mode = on ? 'hidden' : 'disabled';
  if (isText(track.kind) && track.mode !== mode) track.mode = mode;
}

function listed<T>(list: ArrayLike<T> | null): readonly T[] {
  return list === null ? [] : Array.from(list);
}
