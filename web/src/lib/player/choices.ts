/** What there is to choose for the item that plays, and what was liked before among it. */

import type { SubtitleTrack, Variant } from '../api/types';
import type { Level } from './engine';
import { versionOf, type Source } from './source';

/** One of each version, in the order of the server, whichever way it comes. */
export function versionsIn(sources: readonly Source[]): readonly Variant[] {
  const seen = new Map<string, Variant>();
  for (const { variant } of sources) {
    if (!seen.has(versionOf(variant))) seen.set(versionOf(variant), variant);
  }
  return [...seen.values()];
}

/** The best level with at most so many lines, else the smallest; null where levels have none. `levels`: greatest first. */
export function levelFor(levels: readonly Level[], height: number): Level | null {
  const sized = levels.filter((level) => level.height !== null);
  return sized.find((level) => (level.height ?? 0) <= height) ?? sized.at(-1) ?? null;
}

/** The track in this language, by the whole tag or else by its first part. */
export function inLanguage<T extends { readonly language: string | null }>(
  tracks: readonly T[],
  language: string | null,
): T | null {
  if (language === null) return null;
  const same = (part: (tag: string) => string) =>
    tracks.find((track) => track.language !== null && part(track.language) === part(language));
  return same((tag) => tag.toLowerCase()) ?? same((tag) => primary(tag)) ?? null;
}

/** Three-letter tags, as in many files, of languages that have a shorter one. */
const SHORT: Readonly<Record<string, string>> = {
  eng: 'en',
  jpn: 'ja',
  zho: 'zh',
  chi: 'zh',
  kor: 'ko',
  fra: 'fr',
  fre: 'fr',
  deu: 'de',
  ger: 'de',
  spa: 'es',
};

function primary(tag: string): string {
  const first = tag.split(/[-_]/, 1)[0]?.toLowerCase() ?? '';
  return SHORT[first] ?? first;
}

/** The subtitles to begin with: in the language chosen last, else those that the film calls its default. */
export function subtitleToBegin(
  tracks: readonly SubtitleTrack[],
  wishes: { readonly on: boolean; readonly language: string | null },
): SubtitleTrack | null {
  if (!wishes.on) return null;
  return inLanguage(tracks, wishes.language) ?? tracks.find((track) => track.default) ?? null;
}

/** Null for a tag that means nothing. */
export function languageName(language: string | null, locale: string): string | null {
  if (language === null || language === 'und') return null;
  try {
    return new Intl.DisplayNames([locale], { type: 'language', fallback: 'none' }).of(language) ?? null;
  } catch {
    return null;
  }
}
