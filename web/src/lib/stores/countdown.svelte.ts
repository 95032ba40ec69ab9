/** Seconds until something may be done again. */

export class Countdown {
  /** Whole seconds; 0 when the time has come. */
  left = $state(0);
  #end = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** `seconds` from now; a running countdown begins anew. */
  start(seconds: number): void {
    this.stop();
    this.#end = performance.now() + seconds * 1000;
    this.#tick();
    if (this.left > 0) this.#timer = setInterval(() => this.#tick(), 250);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.left = 0;
  }

  #tick(): void {
    this.left = Math.max(0, Math.ceil((this.#end - performance.now()) / 1000));
    if (this.left === 0) clearInterval(this.#timer);
  }
}
