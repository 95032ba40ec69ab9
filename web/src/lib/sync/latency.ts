/**
 * What one media element needs to start and to seek, learned from how it behaved. Milliseconds.
 *
 * Starting after a seek is another matter than going on after a pause: the first has to fill the decoders and the sound
 * device again (about 80 ms in Chromium), the second hardly takes time.
 */

export type StartKind = 'afterSeek' | 'afterPause';

const START_FIRST_GUESS: Readonly<Record<StartKind, number>> = { afterSeek: 70, afterPause: 5 };
const START_MOST = 600;
const SEEK_FIRST_GUESS = 300;
const SEEK_MOST = 3000;
/** A start that was off by more than this was disturbed by something else, and teaches nothing. */
const CREDIBLE_ERROR = 400;
const LEARNING = 0.6;
const SEEK_MARGIN = 60;

export class Latency {
  readonly #start = { ...START_FIRST_GUESS };
  #seek = SEEK_FIRST_GUESS;

  /** From calling `play()` to the media time moving. */
  startMs(kind: StartKind): number {
    return this.#start[kind];
  }

  /** Time to allow for a seek that must be over before playing starts. */
  get seekLeadMs(): number {
    return this.#seek * 1.25 + SEEK_MARGIN + this.#start.afterSeek;
  }

  /** `error`: how far ahead (+) or behind (-) the element was after a start that was meant to be exact. */
  learnStart(kind: StartKind, error: number): void {
    if (Math.abs(error) > CREDIBLE_ERROR) return;
    this.#start[kind] = clamp(this.#start[kind] - LEARNING * error, 0, START_MOST);
  }

  /** `taken`: from setting `currentTime` to being able to play on. */
  learnSeek(taken: number): void {
    this.#seek = clamp(this.#seek + LEARNING * (taken - this.#seek), 0, SEEK_MOST);
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
