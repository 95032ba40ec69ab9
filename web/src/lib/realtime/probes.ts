/** Measures the server's clock over a connection, and notices with the same probes when it no longer answers. */

import type { ServerClock } from '../sync/clock';
import type { ClientBody, ServerBody } from './codec';

const BURST = 12;
const BURST_SPACING = 50;
const SPACING = 2500;
const DEAD_AFTER = 8000;

export interface ProbeOptions {
  readonly clock: ServerClock;
  readonly request: (body: ClientBody, within: number) => Promise<ServerBody>;
  /** Nothing was answered for eight seconds. */
  readonly onDead: () => void;
  readonly onMeasured: () => void;
}

export class Probes {
  readonly #options: ProbeOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #left = 0;
  #round = 0;

  constructor(options: ProbeOptions) {
    this.#options = options;
  }

  /** Begins with a quick burst; to be called on every new connection and after the page was hidden. */
  start(): void {
    this.stop();
    this.#left = BURST;
    this.#next();
  }

  stop(): void {
    this.#round += 1;
    clearTimeout(this.#timer);
  }

  #next(): void {
    void this.#probe(this.#round);
    this.#left -= 1;
    this.#timer = setTimeout(() => this.#next(), this.#left > 0 ? BURST_SPACING : SPACING);
  }

  async #probe(round: number): Promise<void> {
    const { clock, request, onDead, onMeasured } = this.#options;
    const sentAt = performance.now();
    try {
      const body = await request(
        { case: 'timeProbe', value: { clientSent: BigInt(Math.round(sentAt * 1000)) } },
        DEAD_AFTER,
      );
      const receivedAt = performance.now();
      if (round !== this.#round || body.case !== 'timeReply') return;
      const { serverReceived, serverSent } = body.value;
      clock.add({ sentAt, receivedAt, serverReceived: Number(serverReceived), serverSent: Number(serverSent) });
      onMeasured();
    } catch {
      if (round === this.#round) onDead();
    }
  }
}
