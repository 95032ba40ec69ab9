/** The time of a film at each frame of the screen, without the small jumps that an element's own time makes. */

const JUMP_S = 0.25;
const PULL = 0.08;

export class FrameClock {
  #time = 0;
  #readAt = -Infinity;

  /** `now` in milliseconds, `mediaTime` in seconds; `moving` says whether the film is playing without a stall. */
  read(now: number, mediaTime: number, rate: number, moving: boolean): number {
    const expected = this.#time + ((now - this.#readAt) / 1000) * rate;
    this.#readAt = now;
    const off = mediaTime - expected;
    // The comparison is false for what is not a number, as at the first look.
    const smooth = moving && Math.abs(off) < JUMP_S;
    this.#time = smooth ? Math.max(this.#time, expected + off * PULL) : mediaTime;
    return this.#time;
  }
}
