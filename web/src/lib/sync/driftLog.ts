/** The drift of the last minute, for the graph that a person can open. */

export interface DriftPoint {
  /** Local milliseconds. */
  readonly at: number;
  /** Seconds, positive when ahead. */
  readonly drift: number;
}

const SPAN_MS = 60_000;
const SPACING_MS = 500;

export class DriftLog {
  #points: DriftPoint[] = [];

  /** Keeps at most one point per half second. Returns whether it was kept. */
  add(at: number, drift: number): boolean {
    const last = this.#points.at(-1);
    if (last !== undefined && at - last.at < SPACING_MS) return false;
    this.#points = [...this.#points.filter((point) => at - point.at <= SPAN_MS), { at, drift }];
    return true;
  }

  get points(): readonly DriftPoint[] {
    return this.#points;
  }
}
