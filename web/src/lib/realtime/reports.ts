/** Tells the server what this viewer's player does: every two seconds, and at once when asked to. */

import type { Readiness } from '../sync/driver';
import type { ClientBody } from './codec';
import { READINESS } from './values';

export interface PlayerReport {
  readonly itemId: string;
  readonly readiness: Readiness;
  /** The version of the playback that `readiness` is about. */
  readonly version: number;
  readonly position: number;
  /** Seconds, all of them. */
  readonly duration: number | null;
  readonly drift: number | null;
  readonly roundTrip: number | null;
}

const SPACING = 2000;
/** Changes that come faster are told together. */
const SHORTEST = 50;

export class Reports {
  readonly #tell: (body: ClientBody) => void;
  readonly #read: () => PlayerReport | null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running = false;

  /** `read` returns null while there is nothing to report. */
  constructor(tell: (body: ClientBody) => void, read: () => PlayerReport | null) {
    this.#tell = tell;
    this.#read = read;
  }

  start(): void {
    this.#running = true;
    this.now();
  }

  stop(): void {
    this.#running = false;
    clearTimeout(this.#timer);
  }

  now(): void {
    if (this.#running) this.#after(SHORTEST);
  }

  #after(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#send(), ms);
  }

  #send(): void {
    const report = this.#read();
    if (report !== null) this.#tell({ case: 'report', value: body(report) });
    this.#after(SPACING);
  }
}

function body({ itemId, readiness, version, position, duration, drift, roundTrip }: PlayerReport) {
  return {
    itemId,
    readiness: READINESS[readiness],
    version: BigInt(version),
    position,
    duration: duration ?? undefined,
    drift: drift ?? undefined,
    roundTrip: roundTrip ?? undefined,
  };
}
