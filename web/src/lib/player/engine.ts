/** Brings a source into a media element. */

import type Hls from 'hls.js';
import type { Abilities, Source } from './source';

export interface LoadedSource {
  /** Takes the source out of the element again. */
  release(): void;
}

/** Why a source can't be played: `network` (unreachable, refused), `format` (not playable here), `unknown`. */
export type SourceTrouble = 'network' | 'format' | 'unknown';

export function abilities(): Abilities {
  const probe = document.createElement('video');
  return {
    nativeHls: probe.canPlayType('application/vnd.apple.mpegurl') !== '',
    mediaSource: 'MediaSource' in window || 'ManagedMediaSource' in window,
  };
}

/** `onTrouble` is called when the source can't be played (any more); the engine has then tried what it could. */
export type Attach = (video: HTMLVideoElement, onTrouble: (trouble: SourceTrouble) => void) => LoadedSource;

/** Gets the engine for a source. Nothing touches an element before the result is called. */
export async function prepare(source: Source): Promise<Attach> {
  if (source.engine === 'native') return (video, onTrouble) => attachNative(video, source.url, onTrouble);
  const { default: HlsEngine } = await import('hls.js');
  return (video, onTrouble) => attachHls(HlsEngine, video, source.url, onTrouble);
}

function attachNative(video: HTMLVideoElement, url: string, onTrouble: (trouble: SourceTrouble) => void): LoadedSource {
  const failed = () => onTrouble(troubleOf(video.error));
  video.addEventListener('error', failed);
  video.preload = 'auto';
  video.src = url;
  return {
    release() {
      video.removeEventListener('error', failed);
      unload(video);
    },
  };
}

/** `MEDIA_ERR_SRC_NOT_SUPPORTED` is what browsers also say for an address that does not answer with media. */
function troubleOf(error: MediaError | null): SourceTrouble {
  if (error?.code === MediaError.MEDIA_ERR_NETWORK) return 'network';
  if (error?.code === MediaError.MEDIA_ERR_DECODE || error?.code === MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED)
    return 'format';
  return 'unknown';
}

function attachHls(
  HlsEngine: typeof Hls,
  video: HTMLVideoElement,
  url: string,
  onTrouble: (trouble: SourceTrouble) => void,
): LoadedSource {
  const hls = new HlsEngine({ enableWorker: true, backBufferLength: 60 });
  recover(hls, HlsEngine, onTrouble);
  hls.loadSource(url);
  hls.attachMedia(video);
  return {
    release() {
      hls.destroy();
      unload(video);
    },
  };
}

/** Media errors are recovered from once per ten seconds; network errors have been retried by the engine already. */
function recover(hls: Hls, { Events, ErrorTypes }: typeof Hls, onTrouble: (trouble: SourceTrouble) => void): void {
  let recoveredAt = -Infinity;
  hls.on(Events.ERROR, (_event, { fatal, type }) => {
    if (!fatal) return;
    const now = performance.now();
    if (type === ErrorTypes.MEDIA_ERROR && now - recoveredAt > 10_000) {
      recoveredAt = now;
      hls.recoverMediaError();
    } else {
      onTrouble(type === ErrorTypes.NETWORK_ERROR ? 'network' : 'format');
    }
  });
}

function unload(video: HTMLVideoElement): void {
  video.removeAttribute('src');
  video.load();
}
