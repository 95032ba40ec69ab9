/** The quiet line for a change of the shared playback. */

import { en, type Key } from '../i18n/en';
import { clockTime } from '../i18n/format';
import type { Values } from '../i18n/message';
import type { Playback } from '../realtime/values';

export interface Line {
  readonly key: Key;
  readonly values: Values;
}

/** Null when there is nothing to tell. `someone` names an actor that the server did not name. */
export function lineFor(playback: Playback, someone: string): Line | null {
  const key = `said.${playback.reason}`;
  if (!(key in en) || WORDLESS.has(playback.reason)) return null;
  return {
    key: key as Key,
    values: {
      name: playback.changedBy?.name ?? someone,
      time: clockTime(playback.position),
      rate: playback.rate,
      title: playback.item?.title ?? '',
    },
  };
}

/** The holding screen says these by itself. */
const WORDLESS: ReadonlySet<string> = new Set(['buffering', 'ready']);
