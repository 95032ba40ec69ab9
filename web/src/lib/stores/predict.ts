/** What a command will most likely make of the playback, to show it before the server has answered. */

import type { ClientBody } from '../realtime/codec';
import type { Playback } from '../realtime/values';
import { positionAt } from '../sync/target';

export type Command =
  | { readonly kind: 'play' }
  | { readonly kind: 'pause'; readonly at: number }
  | { readonly kind: 'seek'; readonly position: number }
  | { readonly kind: 'rate'; readonly rate: number }
  | { readonly kind: 'select'; readonly itemId: string }
  | { readonly kind: 'next' }
  | { readonly kind: 'previous' }
  | { readonly kind: 'stop' };

/** The longest lead that the server takes for a start. Until its answer is here the player waits at the position. */
const LEAD_MICROS = 400_000;

/** Null for what only the server can know. `now` is server microseconds. */
export function predict(playback: Playback, command: Command, now: number): Playback | null {
  const position = positionOf(playback, now);
  switch (command.kind) {
    case 'play':
      return { ...playback, playing: true, position, anchor: now + LEAD_MICROS, heldUntil: null };
    case 'pause':
      return { ...playback, playing: false, position: command.at, anchor: now, heldUntil: null };
    case 'seek':
      return { ...playback, position: command.position, anchor: playback.playing ? now + LEAD_MICROS : now };
    case 'rate':
      return { ...playback, rate: command.rate, position, anchor: Math.max(now, playback.anchor) };
    default:
      return null;
  }
}

/** Where `playback` stands at server microseconds `now`, seconds. */
export function positionOf(playback: Playback, now: number): number {
  return positionAt({ ...playback, duration: playback.item?.duration ?? null }, now);
}

export function commandBody(command: Command, expectedVersion: number, operationId: string): ClientBody {
  return {
    case: 'playback',
    value: { command: commandCase(command), expectedVersion: BigInt(expectedVersion), operationId },
  };
}

type CommandCase = NonNullable<Extract<ClientBody, { case: 'playback' }>['value']['command']>;

function commandCase(command: Command): CommandCase {
  switch (command.kind) {
    case 'pause':
      return { case: 'pause', value: { at: command.at } };
    case 'seek':
      return { case: 'seek', value: { position: command.position } };
    case 'rate':
      return { case: 'rate', value: { rate: command.rate } };
    case 'select':
      return { case: 'select', value: { itemId: command.itemId } };
    default:
      return { case: command.kind, value: {} };
  }
}
