/** Which of the offered variants a browser can play, how, and in which order they are worth a try. */

import type { Variant } from '../api/types';
import { playsCodec, type Abilities } from './abilities';

export type Engine = 'native' | 'hls' | 'dash' | 'mpegts';

export interface Source {
  readonly variant: Variant;
  readonly engine: Engine;
}

/** What a person would like to see. */
export interface Wish {
  /** A variant of this item, chosen by hand; it stands for its other way of delivery too. */
  readonly variantId: string | null;
  /** Lines of the picture that were chosen for another item. */
  readonly height: number | null;
}

export const NO_WISH: Wish = { variantId: null, height: null };

/** The same version by another way: that of a public variant through the server has the id `id~proxy`. */
const PROXIED = '~proxy';

/** The version of the film that a variant is, whichever way it comes. */
export function versionOf({ id }: Pick<Variant, 'id'>): string {
  return id.endsWith(PROXIED) ? id.slice(0, -PROXIED.length) : id;
}

/** What can be played of `variants`, in their order, best first. */
export function playableSources(variants: readonly Variant[], abilities: Abilities): readonly Source[] {
  return variants.flatMap((variant) => {
    const engine = reachable(variant, abilities) ? engineFor(variant, abilities) : null;
    return engine === null ? [] : [{ variant, engine }];
  });
}

/** In the order in which to try: the wished version by all its ways, then everything else as it came. */
export function inOrder(sources: readonly Source[], wish: Wish): readonly Source[] {
  const wished = wishedVersion(sources, wish);
  if (wished === null) return sources;
  const isWished = ({ variant }: Source) => versionOf(variant) === wished;
  return [...sources.filter(isWished), ...sources.filter((source) => !isWished(source))];
}

/** The first source to try, or null where nothing can be played. */
export function chooseSource(variants: readonly Variant[], abilities: Abilities, wish: Wish = NO_WISH): Source | null {
  return inOrder(playableSources(variants, abilities), wish)[0] ?? null;
}

function wishedVersion(sources: readonly Source[], { variantId, height }: Wish): string | null {
  const versions = sources.map(({ variant }) => variant);
  const byId = versions.find((variant) => variantId !== null && versionOf(variant) === versionOf({ id: variantId }));
  if (byId !== undefined) return versionOf(byId);
  if (height === null) return null;
  const sized = versions.filter((variant) => variant.height !== null).sort(byHeight);
  const nearest = sized.find((variant) => (variant.height ?? 0) <= height) ?? sized.at(-1);
  return nearest === undefined ? null : versionOf(nearest);
}

/** Greatest first; equal ones stay in the order of the server. */
function byHeight(a: Variant, b: Variant): number {
  return (b.height ?? 0) - (a.height ?? 0);
}

/** What needs headers goes through the server, and what a secure page can't load is not worth waiting for. */
function reachable({ url, delivery, headers }: Variant, { secure }: Abilities): boolean {
  if (delivery === 'direct' && Object.keys(headers).length > 0) return false;
  return !secure || !/^http:\/\/(?!localhost[:/]|127\.|\[::1\])/i.test(url);
}

function engineFor(variant: Variant, abilities: Abilities): Engine | null {
  const container = containerOf(variant);
  if (container !== '' && !abilities.containers.has(container)) return null;
  if (!(variant.codecs ?? '').split(',').every((codec) => playsCodec(codec, abilities))) return null;
  switch (container) {
    case 'hls':
      return abilities.mediaSource ? 'hls' : 'native';
    case 'dash':
      return 'dash';
    case 'flv':
    case 'mpegts':
      return 'mpegts';
    default:
      return 'native';
  }
}

const BY_ENDING: Readonly<Record<string, string>> = { m3u8: 'hls', mpd: 'dash', flv: 'flv', ts: 'mpegts' };

function containerOf({ container, url }: Variant): string {
  if (container !== '' && container !== 'unknown') return container === 'm3u8' ? 'hls' : container;
  const path = url.split(/[?#]/, 1)[0] ?? '';
  return BY_ENDING[path.slice(path.lastIndexOf('.') + 1).toLowerCase()] ?? '';
}
