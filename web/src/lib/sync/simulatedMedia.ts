/** A media element on a simulated clock, with latencies of its own, for tests of the controller. */

import type { Action, Media } from './controller';

export interface Traits {
  readonly startLatency?: number;
  readonly seekLatency?: number;
  readonly duration?: number;
  /** How much faster its clock runs, as a share. */
  readonly skew?: number;
  readonly ignoresSmallRates?: boolean;
}

export class SimulatedMedia {
  time = 0;
  paused = true;
  playbackRate = 1;
  stalled = false;
  now = 0;
  seeks = 0;
  #startsAt = 0;
  #seekedAt = 0;
  readonly #traits: Traits;

  constructor(traits: Traits = {}) {
    this.#traits = traits;
  }

  get duration(): number {
    return this.#traits.duration ?? 3600;
  }

  get seeking(): boolean {
    return this.now < this.#seekedAt;
  }

  get ended(): boolean {
    return this.time >= this.duration;
  }

  snapshot(): Media {
    const { time, paused, seeking, ended, duration, playbackRate } = this;
    return { time, paused, seeking, ended, duration, playbackRate, readyState: this.stalled || seeking ? 1 : 4 };
  }

  apply(action: Action): void {
    if (action.kind === 'pause') this.paused = true;
    if (action.kind === 'rate') this.playbackRate = action.rate;
    if (action.kind === 'play') {
      this.paused = false;
      this.#startsAt = this.now + (this.#traits.startLatency ?? 0);
    }
    if (action.kind === 'seek') {
      this.seeks += 1;
      this.time = action.to;
      this.#seekedAt = this.now + (this.#traits.seekLatency ?? 0);
    }
  }

  advance(ms: number): void {
    const from = Math.max(this.now, this.#startsAt, this.#seekedAt);
    this.now += ms;
    if (this.paused || this.stalled) return;
    const rate = this.#traits.ignoresSmallRates === true ? Math.round(this.playbackRate) : this.playbackRate;
    const moved = (Math.max(0, this.now - from) / 1000) * rate * (1 + (this.#traits.skew ?? 0));
    this.time = Math.min(this.duration, this.time + moved);
  }
}
