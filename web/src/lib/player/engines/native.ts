/** Files, and HLS where nothing else can play it, by the browser itself. */

import type { Variant } from '../../api/types';
import { NO_TRACKS, type Attach, type AudioTrack, type Tracks } from '../engine';
import { unload, watchErrors } from './element';

/** Only some browsers let choose the sound of a file. */
interface NativeAudio extends EventTarget {
  readonly length: number;
  readonly [index: number]: {
    readonly id: string;
    readonly label: string;
    readonly language: string;
    enabled: boolean;
  };
}

export function native({ url }: Variant): Attach {
  return ({ video, onTrouble, onTracks }) => {
    const unwatch = watchErrors(video, onTrouble);
    const audio = (video as { audioTracks?: NativeAudio }).audioTracks;
    const changed = () => onTracks(audio === undefined ? NO_TRACKS : tracksOf(audio));
    for (const event of ['addtrack', 'change', 'removetrack']) audio?.addEventListener(event, changed);
    video.preload = 'auto';
    video.src = url;
    return {
      chooseLevel: () => undefined,
      chooseAudio: (id) => enable(audio, Number(id)),
      release() {
        for (const event of ['addtrack', 'change', 'removetrack']) audio?.removeEventListener(event, changed);
        unwatch();
        unload(video);
      },
    };
  };
}

function tracksOf(audio: NativeAudio): Tracks {
  const found: AudioTrack[] = [];
  let audioId: string | null = null;
  for (let i = 0; i < audio.length; i += 1) {
    const track = audio[i];
    if (track === undefined) continue;
    if (track.enabled) audioId ??= String(i);
    found.push({ id: String(i), label: track.label, language: track.language || null });
  }
  return { ...NO_TRACKS, audio: found, audioId };
}

function enable(audio: NativeAudio | undefined, chosen: number): void {
  for (let i = 0; i < (audio?.length ?? 0); i += 1) {
    const track = audio?.[i];
    if (track !== undefined) track.enabled = i === chosen;
  }
}
