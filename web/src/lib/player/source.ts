/** Which of the offered variants a browser can play, and how. */

import type { Variant } from '../api/types';

export type Engine = 'native' | 'hls';

export interface Source {
  readonly url: string;
  readonly engine: Engine;
}

export interface Abilities {
  /** Whether the browser plays HLS by itself and better so than through Media Source Extensions. */
  readonly nativeHls: boolean;
  readonly mediaSource: boolean;
}

/** The first variant that can be played, or null. Variants come best first. */
export function chooseSource(variants: readonly Variant[], abilities: Abilities): Source | null {
  for (const variant of variants) {
    const engine = engineFor(containerOf(variant), abilities);
    if (engine !== null) return { url: variant.url, engine };
  }
  return null;
}

function engineFor(container: string, { nativeHls, mediaSource }: Abilities): Engine | null {
  switch (container) {
    case 'hls':
      if (mediaSource) return 'hls';
      return nativeHls ? 'native' : null;
    case 'dash':
    case 'flv':
    case 'mpegts':
      return null;
    default:
      return 'native';
  }
}

function containerOf({ container, url }: Variant): string {
  if (container !== '' && container !== 'unknown') return container === 'm3u8' ? 'hls' : container;
  const path = url.split(/[?#]/, 1)[0] ?? '';
  return path.endsWith('.m3u8') ? 'hls' : '';
}
