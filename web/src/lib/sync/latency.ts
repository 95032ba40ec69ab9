/** What one media element needs to start and to seek, learned from how it behaved. Milliseconds. */

const START_FIRST_GUESS = 40;
const START_MOST = 600;
const SEEK_FIRST_GUESS = 200;
const SEEK_MOST = 3000;
/** A start that was off by more than this was disturbed by something else, and teaches nothing. */
const CREDIBLE_ERROR = 400;
const LEARNING = 0.6;
const SEEK_MARGIN = 60;

export class Latency {
  #start = START_FIRST_GUESS;
  #seek = SEEK_FIRST_GUESS;

  /** From calling `play()` to the media time moving. */
  get startMs(): number {
    return this.#start;
  }

  /** Time to allow for a seek that must be over before playing starts. */
  get seekLeadMs(): number {
    return this.#seek * 1.25 + SEEK_MARGIN + this.#start;
  }

  /** `error`: how far ahead (+) or behind (-) the element was after a start that was meant to be exact. */
  learnStart(error: number): void {
    if (Math.abs(error) > CREDIBLE_ERROR) return;
    this.#start = clamp(this.#start - LEARNING * error, 0, START_MOST);
  }

  /** `taken`: from setting `currentTime` to being able to play on. */
  learnSeek(taken: number): void {
    this.#seek = clamp(this.#seek + LEARNING * (taken - this.#seek), 0, SEEK_MOST);
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
