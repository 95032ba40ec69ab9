/**
 * Estimates the server's clock from four-timestamp probes (the NTP exchange), on a local monotonic clock.
 *
 * Local times are milliseconds of `performance.now()`; the wall clock of the device is never read.
 * Server times are microseconds since the Unix epoch.
 */

/** One probe: sent and received locally, received and answered by the server. */
export interface TimeSample {
  readonly sentAt: number;
  readonly serverReceived: number;
  readonly serverSent: number;
  readonly receivedAt: number;
}

interface Measurement {
  /** Server minus local, milliseconds. True to within half of `roundTrip`. */
  readonly offset: number;
  readonly roundTrip: number;
  readonly takenAt: number;
}

const KEPT = 32;
/** Until then each estimate is taken as it is; afterwards it is approached. */
const BURST = 8;
const SMOOTHING = 0.3;
const JUMP_MS = 100;
/** Assumed worst relative drift of two quartz clocks; it makes old samples lose against fresh ones. */
const CLOCK_DRIFT = 60e-6;
/** Samples whose uncertainty is this close to the best one are averaged with it. */
const COMPANY_MS = 0.5;

export class ServerClock {
  #kept: Measurement[] = [];
  #taken = 0;
  #offset = 0;
  #roundTrip = 0;

  /** Whether at least one probe was answered; before that `nowMicros` means nothing. */
  get ready(): boolean {
    return this.#taken > 0;
  }

  /** Server clock minus local clock, milliseconds. */
  get offsetMs(): number {
    return this.#offset;
  }

  /** Round trip of the probe that the estimate rests on, milliseconds. */
  get roundTripMs(): number {
    return this.#roundTrip;
  }

  /** Takes one answered probe into account. A probe with a negative round trip is ignored. */
  add(sample: TimeSample): void {
    const measured = measure(sample);
    if (measured.roundTrip < 0) return;
    if (this.#contradicts(measured)) this.#restart();
    this.#kept.push(measured);
    if (this.#kept.length > KEPT) this.#kept.shift();
    this.#taken += 1;
    this.#approach(this.#estimate(measured.takenAt));
  }

  /** Server time at the local instant `local` (milliseconds), in microseconds. */
  nowMicros(local: number): number {
    return (local + this.#offset) * 1000;
  }

  /** Local instant (milliseconds) at which the server's clock shows `micros`. */
  localMs(micros: number): number {
    return micros / 1000 - this.#offset;
  }

  /** A sample is off by at most half of its round trip: more than that means that one of the clocks was set or slept. */
  #contradicts(measured: Measurement): boolean {
    return this.ready && Math.abs(measured.offset - this.#offset) > measured.roundTrip / 2 + JUMP_MS;
  }

  #restart(): void {
    this.#kept = [];
    this.#taken = 0;
  }

  #estimate(now: number): number {
    const uncertainty = (m: Measurement) => m.roundTrip / 2 + (now - m.takenAt) * CLOCK_DRIFT;
    const best = this.#kept.reduce((a, b) => (uncertainty(b) < uncertainty(a) ? b : a));
    this.#roundTrip = best.roundTrip;
    const company = this.#kept.filter((m) => uncertainty(m) <= uncertainty(best) + COMPANY_MS);
    return best.offset + company.reduce((sum, m) => sum + (m.offset - best.offset), 0) / company.length;
  }

  #approach(estimate: number): void {
    const error = estimate - this.#offset;
    const jump = this.#taken <= BURST || Math.abs(error) > JUMP_MS;
    this.#offset += jump ? error : error * SMOOTHING;
  }
}

function measure(sample: TimeSample): Measurement {
  const received = sample.serverReceived / 1000;
  const sent = sample.serverSent / 1000;
  return {
    offset: (received - sample.sentAt + (sent - sample.receivedAt)) / 2,
    roundTrip: sample.receivedAt - sample.sentAt - (sent - received),
    takenAt: sample.receivedAt,
  };
}
