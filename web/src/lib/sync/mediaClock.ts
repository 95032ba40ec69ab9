/**
 * Media time of an element between the moments at which the browser updates `currentTime`.
 *
 * Chromium and Safari interpolate `currentTime`; there it is used as it is. Where it only moves with each frame, the
 * time is carried on from the last presented one (`requestVideoFrameCallback`). Where that callback never fires, as in
 * hidden pages, `currentTime` is all there is.
 */

export interface Frame {
  /** Seconds. */
  readonly mediaTime: number;
  /** Local milliseconds at which the frame is on the screen. */
  readonly shownAt: number;
  /** What `currentTime` said when the frame was reported, and when that was. */
  readonly currentTime: number;
  readonly reportedAt: number;
}

/** `currentTime` that has not moved this long after a frame speaks for one that moves in steps. */
const STILL_MS = 8;
const FRESH_MS = 300;
const CONVINCED = 4;

export class MediaClock {
  #frame: Frame | null = null;
  #votes = 0;

  frame(frame: Frame): void {
    this.#frame = frame;
  }

  /** Forgets the last frame, as after a seek or a stall. */
  reset(): void {
    this.#frame = null;
  }

  /** Media time in seconds at `now`; `moving` says whether the element is playing without a stall. */
  read(now: number, currentTime: number, rate: number, moving: boolean): number {
    if (!moving) this.reset();
    const frame = this.#frame;
    if (frame === null || now - frame.reportedAt > FRESH_MS) return currentTime;
    if (now - frame.reportedAt >= STILL_MS) this.#vote(currentTime === frame.currentTime ? 1 : -1);
    if (this.#votes < CONVINCED) return currentTime;
    return frame.mediaTime + ((now - frame.shownAt) / 1000) * rate;
  }

  #vote(by: number): void {
    this.#votes = Math.min(2 * CONVINCED, Math.max(-2 * CONVINCED, this.#votes + by));
  }
}
