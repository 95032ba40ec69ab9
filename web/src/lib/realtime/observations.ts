/**
 * The observations of a room: made on every connection anew, from where the last one ended.
 *
 * An observation whose permission is missing fails without ending the others; it is tried again when the permissions
 * of the viewer change.
 */

import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ClientBody, ServerBody } from './codec';
import { RealtimeError } from './errors';
import type { Changed, ObserveSchema } from './generated/synctv/v1/realtime_pb';

export type Resource = NonNullable<MessageInitShape<typeof ObserveSchema>['resource']>;
export type ObservedValue = Changed['value'];

export interface Observation {
  readonly id: string;
  readonly resource: Resource;
  /** Whether the server can replay what was missed; if so the sequence is kept and sent as `after_seq`. */
  readonly replayed: boolean;
  readonly onValue: (value: ObservedValue) => void;
  /** The observation is refused or was ended. */
  readonly onRefused: (error: RealtimeError) => void;
}

type Request = (body: ClientBody, within: number) => Promise<ServerBody>;

const ANSWER_WITHIN = 15_000;

export class Observations {
  readonly #request: Request;
  readonly #observations = new Map<string, Observation>();
  readonly #seen = new Map<string, bigint>();
  readonly #refused = new Set<string>();
  #round = 0;
  #connected = false;

  constructor(request: Request) {
    this.#request = request;
  }

  /** Registers an observation; it begins with the next `renew`. */
  add(observation: Observation): void {
    this.#observations.set(observation.id, observation);
  }

  /** Registers one that begins at once where there is a connection. Returns what ends it. */
  begin(observation: Observation): () => void {
    this.add(observation);
    if (this.#connected) void this.#observe(observation, this.#round);
    return () => this.#end(observation.id);
  }

  /** To be called on every new connection. */
  renew(): void {
    this.#round += 1;
    this.#connected = true;
    this.#refused.clear();
    for (const observation of this.#observations.values()) void this.#observe(observation, this.#round);
  }

  /** To be called when the connection is lost: what begins from then on waits for the next one. */
  pause(): void {
    this.#connected = false;
  }

  /** Tries those again that were refused. */
  retryRefused(): void {
    const again = [...this.#refused];
    this.#refused.clear();
    for (const id of again) {
      const observation = this.#observations.get(id);
      if (observation !== undefined) void this.#observe(observation, this.#round);
    }
  }

  /** Takes a pushed frame; others than those of observations are ignored. */
  receive(body: ServerBody): void {
    if (body.case === 'changed') this.#changed(body.value);
    if (body.case === 'observeFailed') {
      const { id, code, message } = body.value;
      if (this.#observations.has(id)) this.#refuse(id, new RealtimeError(code, message));
    }
  }

  #changed(changed: Changed): void {
    const observation = this.#observations.get(changed.id);
    if (observation === undefined) return;
    this.#advance(changed.id, changed.roomSeq);
    if (changed.value.case !== undefined) observation.onValue(changed.value);
  }

  #end(id: string): void {
    if (!this.#observations.delete(id)) return;
    this.#seen.delete(id);
    // Refused ones are over already; for others it only spares the server work.
    if (!this.#refused.delete(id) && this.#connected)
      void this.#request({ case: 'unobserve', value: { id } }, ANSWER_WITHIN).catch(ignored);
  }

  async #observe(observation: Observation, round: number): Promise<void> {
    const { id, resource, replayed } = observation;
    const seen = this.#seen.get(id);
    const after = replayed && seen !== undefined ? { afterSeq: seen } : {};
    try {
      const body = await this.#request({ case: 'observe', value: { id, resource, ...after } }, ANSWER_WITHIN);
      if (this.#observations.get(id) !== observation) return;
      if (body.case === 'observed' && !body.value.changed) this.#advance(id, body.value.roomSeq);
    } catch (error) {
      // A later connection asks again by itself.
      if (this.#observations.get(id) !== observation) return;
      if (round === this.#round && error instanceof RealtimeError && error.code !== 'offline') this.#refuse(id, error);
    }
  }

  #refuse(id: string, error: RealtimeError): void {
    this.#refused.add(id);
    this.#seen.delete(id);
    this.#observations.get(id)?.onRefused(error);
  }

  #advance(id: string, roomSeq: bigint): void {
    if (roomSeq > (this.#seen.get(id) ?? 0n)) this.#seen.set(id, roomSeq);
  }
}

function ignored(): void {
  // The connection is gone, and its observations with it.
}
