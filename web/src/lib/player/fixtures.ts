/** Values for tests of the player. */

import type { Playable, Variant } from '../api/types';
import { abilitiesOf, type Abilities } from './abilities';

export function variant(id: string, change: Partial<Variant> = {}): Variant {
  const container = change.container ?? 'mp4';
  return {
    id,
    label: id,
    url: `https://example.org/${id}.${container}`,
    delivery: 'direct',
    container,
    codecs: null,
    width: null,
    height: null,
    bitrate: null,
    headers: {},
    live: false,
    ...change,
  };
}

/** A public variant, as the server offers it: directly, and through itself. */
export function bothWays(id: string, change: Partial<Variant> = {}): readonly Variant[] {
  const proxied = { ...change, delivery: 'proxy', url: `/media/v1/${id}` } as const;
  return [variant(id, change), variant(`${id}~proxy`, proxied)];
}

export function playableOf(variants: readonly Variant[], expiresAt: string | null = null): Playable {
  return { itemId: 'item', variants, subtitles: [], danmaku: [], chapters: [], expiresAt };
}

const NEVER_HEARD_OF = /hvc1|hev1|ac-3|ec-3|matroska|mpegurl/;

export const CHROMIUM: Abilities = abilitiesOf({
  canPlayType: (type) => (NEVER_HEARD_OF.test(type) ? '' : 'maybe'),
  isTypeSupported: (type) => !NEVER_HEARD_OF.test(type),
  secure: true,
});

/** An old one, without media sources. */
export const IPHONE: Abilities = abilitiesOf({
  canPlayType: (type) => (/webm|matroska|ogg|av01|vp09|opus/.test(type) ? '' : 'maybe'),
  isTypeSupported: null,
  secure: true,
});
