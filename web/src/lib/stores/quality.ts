/** How well a viewer is in sync, in a word and a colour. */

import type { ConnectionState } from '../realtime/connection';

export type Tone = 'good' | 'fair' | 'bad';
export type QualityWord = 'connected' | 'measuring' | 'connecting' | 'reconnecting' | 'offline';

export interface Quality {
  readonly tone: Tone;
  readonly word: QualityWord;
}

const GOOD_S = 0.04;
const FAIR_S = 0.25;

/** `drift` in seconds, null while nothing plays. `returning`: there was a connection before. */
export function qualityOf(
  connection: ConnectionState,
  drift: number | null,
  measured: boolean,
  returning: boolean,
): Quality {
  if (connection.kind === 'closed') return { tone: 'bad', word: 'offline' };
  if (connection.kind !== 'open') return { tone: 'bad', word: returning ? 'reconnecting' : 'connecting' };
  if (!measured) return { tone: 'fair', word: 'measuring' };
  return { tone: toneOf(drift), word: 'connected' };
}

export function toneOf(drift: number | null): Tone {
  const size = Math.abs(drift ?? 0);
  if (size < GOOD_S) return 'good';
  return size < FAIR_S ? 'fair' : 'bad';
}
