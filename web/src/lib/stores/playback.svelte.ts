/**
 * The shared playback as this page shows it: the last confirmed state, and on top of it what the person has just asked
 * for. Commands go one after the other, each made on the state that the one before it led to.
 */

import { newId } from '../ids';
import type { ClientBody, ServerBody } from '../realtime/codec';
import { RealtimeError } from '../realtime/errors';
import { playbackFrom, type Playback } from '../realtime/values';
import { commandBody, predict, type Command } from './predict';

export interface PlaybackOptions {
  readonly request: (body: ClientBody, within: number) => Promise<ServerBody>;
  /** Server microseconds. */
  readonly now: () => number;
  /** Somebody else, or the server itself, changed the playback. */
  readonly onForeignChange: (playback: Playback) => void;
  readonly onFailure: (error: RealtimeError) => void;
}

const WITHIN = 5000;
const REMEMBERED_OPERATIONS = 32;

export class PlaybackStore {
  confirmed = $state.raw<Playback | null>(null);
  /** What to show and to play. */
  readonly shown: Playback | null = $derived.by(() => this.#predicted ?? this.confirmed);
  #predicted = $state.raw<Playback | null>(null);
  readonly #options: PlaybackOptions;
  #queue: Command[] = [];
  #sending = false;
  #operations: string[] = [];

  constructor(options: PlaybackOptions) {
    this.#options = options;
  }

  /** Takes a state that the server pushed. An older one than the present is ignored. */
  receive(playback: Playback): void {
    const before = this.confirmed;
    if (!this.#accept(playback) || before === null || before.version === playback.version) return;
    if (!this.#operations.includes(playback.operationId)) this.#options.onForeignChange(playback);
  }

  /** Shows the effect at once and sends the command. A failure is told to `onFailure` and the effect taken back. */
  command(command: Command): void {
    const base = this.shown;
    if (base === null) return;
    this.#predicted = predict(base, command, this.#options.now()) ?? this.#predicted;
    if (this.#queue.at(-1)?.kind === command.kind && replaceable(command)) this.#queue.pop();
    this.#queue.push(command);
    if (!this.#sending) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#sending = true;
    try {
      for (let command = this.#queue.shift(); command !== undefined; command = this.#queue.shift()) {
        await this.#sendOrRepeat(command);
      }
    } catch (error) {
      this.#queue = [];
      if (!(error instanceof RealtimeError)) throw error;
      if (error.current !== null) this.#accept(error.current);
      this.#options.onFailure(error);
    } finally {
      this.#sending = false;
      this.#predicted = null;
    }
  }

  /** A change that the server made by itself, as when everybody is ready, is no other person's wish to give way to. */
  async #sendOrRepeat(command: Command): Promise<void> {
    try {
      await this.#send(command);
    } catch (error) {
      const current = error instanceof RealtimeError ? error.current : null;
      if (current === null || current.changedBy !== null) throw error;
      this.#accept(current);
      await this.#send(command);
    }
  }

  async #send(command: Command): Promise<void> {
    const operationId = newId();
    this.#operations = [...this.#operations.slice(1 - REMEMBERED_OPERATIONS), operationId];
    const body = commandBody(command, this.confirmed?.version ?? 0, operationId);
    const answer = await this.#options.request(body, WITHIN);
    if (answer.case === 'reply' && answer.value.value.case === 'playback') {
      this.#accept(playbackFrom(answer.value.value.value));
    }
  }

  #accept(playback: Playback): boolean {
    if (this.confirmed !== null && playback.version < this.confirmed.version) return false;
    this.confirmed = playback;
    return true;
  }
}

/** Of several of them in a row, as from a held key, only the last one matters. */
function replaceable(command: Command): boolean {
  return command.kind === 'seek' || command.kind === 'rate';
}
