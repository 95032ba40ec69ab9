/** Looking again and again at what only another person can change, without being a burden to the server. */

const USUAL_MS = 4000;
const LONGEST_MS = 20_000;
const LONGEST_AFTER_FAILURE_MS = 60_000;
/** About the first two minutes, in which an answer is likely. */
const EAGER_LOOKS = 30;
const SLOWDOWN = 1.15;

/** Milliseconds before the next look, after `looks` in all of which the last `failures` failed. */
export function nextLookIn(looks: number, failures: number): number {
  if (failures > 0) return Math.min(LONGEST_AFTER_FAILURE_MS, USUAL_MS * 2 ** failures);
  return Math.min(LONGEST_MS, USUAL_MS * SLOWDOWN ** Math.max(0, looks - EAGER_LOOKS));
}

export class Patience {
  readonly #look: () => Promise<void>;
  readonly #onFailing: (failing: boolean) => void;
  #looks = 0;
  #failures = 0;
  #looking = false;
  #stopped = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `look` rejects when it could not see anything, with `retryAfter` (seconds) if the server named a time. */
  constructor(look: () => Promise<void>, onFailing: (failing: boolean) => void) {
    this.#look = look;
    this.#onFailing = onFailing;
  }

  /** The first look is a moment later: who waits has just seen how things are. */
  start(): void {
    this.#wait(0);
  }

  /** Looks now, as when the person comes back to the page. */
  hurry(): void {
    if (!this.#stopped && !this.#looking) void this.#again();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #again(): Promise<void> {
    clearTimeout(this.#timer);
    this.#looking = true;
    this.#looks += 1;
    let asked = 0;
    try {
      await this.#look();
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      asked = retryAfterOf(error);
    }
    this.#looking = false;
    if (this.#stopped) return;
    this.#onFailing(this.#failures > 0);
    this.#wait(asked);
  }

  #wait(atLeastSeconds: number): void {
    const pause = Math.max(nextLookIn(this.#looks, this.#failures), atLeastSeconds * 1000);
    this.#timer = setTimeout(() => void this.#again(), pause);
  }
}

function retryAfterOf(error: unknown): number {
  const value = error instanceof Error && 'retryAfter' in error ? error.retryAfter : null;
  return typeof value === 'number' ? value : 0;
}
