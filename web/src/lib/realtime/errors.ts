/** Why a request over the realtime connection had no success. */

import type { Failure } from './generated/synctv/v1/realtime_pb';
import { playbackFrom, type Playback } from './values';

/** `code` is one of the stable codes of the API, or one of this page: `offline`, `closed`. */
export class RealtimeError extends Error {
  readonly code: string;
  /** Seconds. */
  readonly retryAfter: number | null;
  readonly fields: readonly { path: string; message: string }[];
  /** The current playback, with `version_conflict`. */
  readonly current: Playback | null;

  constructor(code: string, message: string, failure?: Failure) {
    super(message);
    this.name = 'RealtimeError';
    this.code = code;
    this.retryAfter = failure?.retryAfter ?? null;
    this.fields = failure?.errors ?? [];
    this.current = failure?.current === undefined ? null : playbackFrom(failure.current);
  }

  static from(failure: Failure): RealtimeError {
    return new RealtimeError(failure.code, failure.message, failure);
  }
}
