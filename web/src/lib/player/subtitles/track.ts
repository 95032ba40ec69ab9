/** Which cues are to be seen at a time. */

import type { Cue } from './vtt';

/** More at once is no subtitle; the ones that began last are shown. */
const MOST_AT_ONCE = 4;

export class CueTrack {
  readonly #cues: readonly Cue[];
  /** The latest end among the cues up to each one: before it nothing of them is over for sure. */
  readonly #latestEnd: readonly number[];

  /** `cues` are in the order of their start. */
  constructor(cues: readonly Cue[]) {
    this.#cues = cues;
    let latest = -Infinity;
    this.#latestEnd = cues.map(({ end }) => (latest = Math.max(latest, end)));
  }

  get length(): number {
    return this.#cues.length;
  }

  /** The cues at `time` seconds, in the order in which they began. */
  at(time: number): readonly Cue[] {
    const found: Cue[] = [];
    for (let i = this.#begun(time) - 1; i >= 0 && found.length < MOST_AT_ONCE; i -= 1) {
      const cue = this.#cues[i];
      if (cue === undefined || (this.#latestEnd[i] ?? 0) <= time) break;
      if (cue.end > time) found.unshift(cue);
    }
    return found;
  }

  /** How many have begun at `time`. */
  #begun(time: number): number {
    let low = 0;
    let high = this.#cues.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#cues[middle]?.start ?? Infinity) <= time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
