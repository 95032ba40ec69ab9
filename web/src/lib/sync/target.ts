/** Where the shared playback stands at an instant of the server's clock. */

/** The part of the shared playback that decides positions. Times are server microseconds, positions seconds. */
export interface Timeline {
  readonly position: number;
  readonly rate: number;
  readonly playing: boolean;
  readonly anchor: number;
  readonly duration: number | null;
}

/**
 * Position in seconds at `serverMicros`. An anchor in the future is a coordinated start:
 * until then the playback stands at its position. Never beyond the duration where it is known.
 */
export function positionAt(timeline: Timeline, serverMicros: number): number {
  const { position, rate, playing, anchor, duration } = timeline;
  const moved = playing ? (Math.max(0, serverMicros - anchor) / 1e6) * rate : 0;
  const reached = Math.max(0, position + moved);
  return duration === null ? reached : Math.min(reached, duration);
}
