/** Whether the interruption that a new address makes is worth it. */

export interface Situation {
  /** Seconds; null for what has no position or no end. */
  readonly position: number | null;
  readonly duration: number | null;
  readonly playing: boolean;
  readonly rate: number;
  /** What of the film is here already; only told of sources that would not load it anew. */
  readonly buffered: readonly (readonly [number, number])[];
}

const NEAR_S = 0.5;

/** Not when the film is over before its address is (`goodFor` milliseconds), or when all of the rest is here already. */
export function worthSwap({ position, duration, playing, rate, buffered }: Situation, goodFor: number): boolean {
  if (position === null || duration === null) return true;
  const left = ((duration - position) / rate) * 1000;
  if (playing && left <= goodFor) return false;
  return !buffered.some(([from, to]) => from <= position + NEAR_S && to >= duration - NEAR_S);
}

export function rangesOf(ranges: TimeRanges | undefined): readonly (readonly [number, number])[] {
  return Array.from({ length: ranges?.length ?? 0 }, (_, i) => [ranges?.start(i) ?? 0, ranges?.end(i) ?? 0] as const);
}
