/** What this browser can play, and how it says so to the server (the profile of a client). */

import type { DeliveryMode } from '../api/types';

export interface Abilities {
  /** Whether the browser plays HLS by itself. */
  readonly nativeHls: boolean;
  readonly mediaSource: boolean;
  /** That can be played, by an engine or by the browser itself. */
  readonly containers: ReadonlySet<string>;
  /** RFC 6381 names without their details, such as `avc1`. */
  readonly codecs: ReadonlySet<string>;
  /** Whether the page came over TLS: then nothing that did not is loaded by it. */
  readonly secure: boolean;
}

/** What is asked of a browser. */
export interface Browser {
  /** As of a media element: an empty text is no. */
  readonly canPlayType: (type: string) => string;
  /** Null where there are no Media Source Extensions. */
  readonly isTypeSupported: ((type: string) => boolean) | null;
  readonly secure: boolean;
}

const FILES: Readonly<Record<string, readonly string[]>> = {
  mp4: ['video/mp4'],
  webm: ['video/webm'],
  mkv: ['video/x-matroska', 'video/matroska'],
  mp3: ['audio/mpeg'],
  aac: ['audio/aac'],
  ogg: ['audio/ogg'],
  flac: ['audio/flac'],
  wav: ['audio/wav'],
};
const BY_ENGINE = ['hls', 'dash', 'flv', 'mpegts'] as const;

/** One type by which each codec is recognised. What is said under one name of a codec holds for its others. */
const CODECS: Readonly<Record<string, string>> = {
  avc1: 'video/mp4; codecs="avc1.640028"',
  hvc1: 'video/mp4; codecs="hvc1.1.6.L120.90"',
  av01: 'video/mp4; codecs="av01.0.08M.08"',
  vp09: 'video/mp4; codecs="vp09.00.40.08"',
  mp4a: 'audio/mp4; codecs="mp4a.40.2"',
  opus: 'audio/mp4; codecs="opus"',
  'ac-3': 'audio/mp4; codecs="ac-3"',
  'ec-3': 'audio/mp4; codecs="ec-3"',
  flac: 'audio/mp4; codecs="flac"',
};
const ALIASES: Readonly<Record<string, string>> = { avc3: 'avc1', hev1: 'hvc1', vp9: 'vp09', av1: 'av01' };

export function abilitiesOf({ canPlayType, isTypeSupported, secure }: Browser): Abilities {
  const plays = (type: string) => isTypeSupported?.(type) === true || canPlayType(type) !== '';
  const mediaSource = isTypeSupported !== null;
  const nativeHls = canPlayType('application/vnd.apple.mpegurl') !== '';
  const containers = new Set(
    Object.keys(FILES).filter((name) => FILES[name]?.some((type) => canPlayType(type) !== '')),
  );
  if (mediaSource) for (const name of BY_ENGINE) containers.add(name);
  if (nativeHls) containers.add('hls');
  const codecs = new Set(Object.keys(CODECS).filter((name) => plays(CODECS[name] ?? '')));
  return { nativeHls, mediaSource, containers, codecs, secure };
}

/** Whether a codec can be played; true for one that nobody asked the browser about. */
export function playsCodec(codec: string, { codecs }: Abilities): boolean {
  const family = codec.trim().split('.', 1)[0]?.toLowerCase() ?? '';
  const name = ALIASES[family] ?? family;
  return !(name in CODECS) || codecs.has(name);
}

/** `<containers>;<codecs>;<h when it sets headers>;<mode>`. No page can set the headers that matter. */
export function profileText({ containers, codecs }: Abilities, mode: DeliveryMode): string {
  return [[...containers].sort().join(','), [...codecs].sort().join(','), '', mode].join(';');
}

let known: Abilities | null = null;

/** Of the browser that the page is in. */
export function abilities(): Abilities {
  known ??= abilitiesOf(thisBrowser());
  return known;
}

function thisBrowser(): Browser {
  const probe = document.createElement('video');
  const source = window.MediaSource ?? (window as { ManagedMediaSource?: typeof MediaSource }).ManagedMediaSource;
  return {
    canPlayType: (type) => probe.canPlayType(type),
    isTypeSupported: source === undefined ? null : (type) => source.isTypeSupported(type),
    secure: location.protocol === 'https:',
  };
}
