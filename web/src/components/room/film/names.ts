/** What qualities and tracks are called. */

import { locale, t } from '../../../lib/i18n/locale.svelte';
import { languageName } from '../../../lib/player/choices';
import type { InnerTrack, Level } from '../../../lib/player/engine';

interface Named {
  readonly value: string;
  readonly name: string;
}

/** By its lines, with what it takes where that alone does not tell it from the others. */
export function levelName(level: Level, all: readonly Level[]): string {
  const bitrate = level.bitrate === null ? '' : t('film.bitrate', { n: Math.round(level.bitrate / 1000) });
  if (level.height === null) return bitrate === '' ? level.id : bitrate;
  const name = t('film.lines', { lines: String(level.height) });
  const alone = all.filter(({ height }) => height === level.height).length === 1;
  return alone || bitrate === '' ? name : t('film.levelName', { name, bitrate });
}

/** By their own names, else by their languages, else by their numbers. */
export function audioNames(tracks: readonly InnerTrack[]): readonly Named[] {
  return tracks.map(({ id, label, language }, index) => {
    const name = label === '' ? languageName(language, locale()) : label;
    return { value: id, name: name ?? t('film.audioTrack', { n: index + 1 }) };
  });
}
