/**
 * `window.__synctv.sync()`: how well this page is in sync, for benchmarks, end-to-end tests and curious people.
 * It only reads what the page itself shows.
 */

import type { ServerClock } from '../sync/clock';
import type { RoomStore } from './room.svelte';

export interface SyncSample {
  /** Server clock now, microseconds; null before the first measurement. */
  readonly serverNowMicros: number | null;
  readonly offsetMs: number | null;
  readonly roundTripMs: number | null;
  /** Element minus target now, milliseconds; null while nothing plays. */
  readonly driftMs: number | null;
  /** Seconds. */
  readonly targetPosition: number | null;
  readonly mediaTime: number | null;
  readonly playing: boolean;
  /** The rate of the element: the shared rate times the present correction. */
  readonly rate: number;
  readonly connected: boolean;
}

declare global {
  interface Window {
    __synctv?: { readonly sync: () => SyncSample };
  }
}

/** Returns what takes it away again. */
export function exposeDiagnostics(room: RoomStore): () => void {
  window.__synctv = { sync: () => sample(room) };
  return () => delete window.__synctv;
}

function sample(room: RoomStore): SyncSample {
  const { clock, player } = room;
  const targetPosition = player.driver?.targetPosition() ?? null;
  const mediaTime = player.video?.currentTime ?? null;
  const playing = room.playback.shown?.playing ?? false;
  return {
    ...measured(clock),
    driftMs: playing && clock.ready ? difference(mediaTime, targetPosition) : null,
    targetPosition,
    mediaTime,
    playing,
    rate: player.video?.playbackRate ?? 1,
    connected: room.online,
  };
}

function measured(clock: ServerClock): Pick<SyncSample, 'serverNowMicros' | 'offsetMs' | 'roundTripMs'> {
  if (!clock.ready) return { serverNowMicros: null, offsetMs: null, roundTripMs: null };
  const { offsetMs, roundTripMs } = clock;
  return { serverNowMicros: clock.nowMicros(performance.now()), offsetMs, roundTripMs };
}

function difference(mediaTime: number | null, target: number | null): number | null {
  return mediaTime === null || target === null ? null : (mediaTime - target) * 1000;
}
