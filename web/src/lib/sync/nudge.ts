/**
 * Removes small drift by playing a little faster or slower.
 *
 * Starts above one threshold and stops below a smaller one, so that noise around either does not toggle it.
 */

const START_S = 0.012;
const STOP_S = 0.004;
/** Seconds in which the present drift would be gone. Longer than the element's own delay in following a rate. */
const HORIZON_S = 0.6;
const MOST = 0.06;
/** Audible steps are avoided: the factor changes only by at least this much. */
const STEP = 0.004;
/** Correction (seconds) that must have been asked for before its effect is judged, and the least share to be seen. */
const JUDGED_AFTER_S = 0.12;
const LEAST_EFFECT = 0.25;
/** Judgements in a row; a single one may have been disturbed by a stall. */
const STRIKES = 3;

export class Nudge {
  #factor = 1;
  #active = false;
  #strikes = 0;
  #asked = 0;
  #from = 0;
  #at = 0;

  /** False once the element was seen to ignore small changes of its rate. */
  get works(): boolean {
    return this.#strikes < STRIKES;
  }

  /** Forgets the present correction, as after a seek. */
  rest(): void {
    this.#active = false;
    this.#factor = 1;
    this.#asked = 0;
  }

  /** Factor for the shared rate, given the averaged drift (seconds, positive is ahead) at `now` (milliseconds). */
  factor(drift: number, rate: number, now: number): number {
    if (!this.works) return 1;
    if (this.#active) this.#judge(drift, rate, now);
    this.#at = now;
    this.#toggle(drift);
    if (!this.#active) return (this.#factor = 1);
    const wanted = 1 - clamp(drift / (HORIZON_S * rate), MOST);
    if (Math.abs(wanted - this.#factor) >= STEP) this.#factor = wanted;
    return this.#factor;
  }

  #toggle(drift: number): void {
    const size = Math.abs(drift);
    if (!this.#active && size > START_S) {
      this.#active = true;
      this.#asked = 0;
      this.#from = drift;
    } else if (this.#active && size < STOP_S) {
      this.#active = false;
    }
  }

  #judge(drift: number, rate: number, now: number): void {
    this.#asked += (this.#factor - 1) * rate * ((now - this.#at) / 1000);
    if (Math.abs(this.#asked) < JUDGED_AFTER_S) return;
    const effect = (drift - this.#from) / this.#asked;
    this.#strikes = effect < LEAST_EFFECT ? this.#strikes + 1 : 0;
    this.#asked = 0;
    this.#from = drift;
  }
}

function clamp(value: number, most: number): number {
  return Math.min(most, Math.max(-most, value));
}
