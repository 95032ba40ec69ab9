/**
 * Keeps one media element with the shared playback: reads it, asks the controller, carries out what it says.
 *
 * Only the driver plays, pauses, seeks and sets the rate of the element, so events of the element are never taken for
 * the wish of a person.
 */

import type { ServerClock } from './clock';
import { SyncController, type Action, type Decision, type Goal, type Media, type Phase } from './controller';
import { DriftLog, type DriftPoint } from './driftLog';
import { MediaClock } from './mediaClock';
import { positionAt, type Timeline } from './target';

/** The shared playback as the element is to follow it. */
export interface Shared extends Timeline {
  readonly itemId: string;
  readonly version: number;
  readonly live: boolean;
}

export type Readiness = 'unknown' | 'ready' | 'buffering' | 'ended' | 'waiting';

export interface SyncStatus {
  readonly phase: Phase;
  readonly readiness: Readiness;
  /** The version of the playback that `readiness` is about. */
  readonly version: number;
  /** Seconds, positive when ahead; null while there is nothing to measure. */
  readonly drift: number | null;
  readonly position: number;
  readonly duration: number | null;
}

const WAKING_EVENTS = [
  'loadedmetadata',
  'canplay',
  'seeked',
  'playing',
  'pause',
  'waiting',
  'ended',
  'emptied',
  'durationchange',
] as const;
const HAVE_FUTURE_DATA = 3;
/** A shorter interruption, as every seek makes, is not worth telling the others. */
const BUFFERING_AFTER_MS = 300;

export class SyncDriver {
  readonly #video: HTMLVideoElement;
  readonly #clock: ServerClock;
  readonly #onStatus: (status: SyncStatus) => void;
  readonly #controller = new SyncController();
  readonly #mediaClock = new MediaClock();
  readonly #log = new DriftLog();
  readonly #end = new AbortController();
  #shared: Shared | null = null;
  #mayPlay = true;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #frameRequest = 0;
  #followedAt = 0;
  #lastReadyAt = 0;
  #told: { readiness: Readiness; version: number } = { readiness: 'unknown', version: 0 };
  #decision: Decision = { phase: 'idle', actions: [], wakeIn: 0, drift: null };

  /** `onStatus` is called after every step, at most about ten times a second apart from events of the element. */
  constructor(video: HTMLVideoElement, clock: ServerClock, onStatus: (status: SyncStatus) => void) {
    this.#video = video;
    this.#clock = clock;
    this.#onStatus = onStatus;
    for (const event of WAKING_EVENTS) {
      video.addEventListener(event, () => this.#step(), { signal: this.#end.signal });
    }
    this.#requestFrame();
    this.#step();
  }

  /** Follows `shared` from now on; null leaves the element alone. */
  follow(shared: Shared | null): void {
    if (this.#shared?.version !== shared?.version) this.#followedAt = performance.now();
    this.#shared = shared;
    this.#step();
  }

  /** To be called within a gesture of the person, after the browser refused to start. */
  unblock(): void {
    this.#mayPlay = true;
    this.#step();
    // Within the gesture the element must really be played once, or the browser goes on refusing.
    if (this.#video.paused && this.#shared?.playing === true) this.#play();
  }

  /** Where the shared playback stands now, seconds. */
  targetPosition(): number | null {
    return this.#shared === null ? null : positionAt(this.#shared, this.#clock.nowMicros(performance.now()));
  }

  get drifts(): readonly DriftPoint[] {
    return this.#log.points;
  }

  stop(): void {
    this.#end.abort();
    clearTimeout(this.#timer);
    if (this.#frameRequest !== 0) this.#video.cancelVideoFrameCallback(this.#frameRequest);
  }

  #step(): void {
    if (this.#end.signal.aborted) return;
    clearTimeout(this.#timer);
    const now = performance.now();
    const media = this.#media(now);
    this.#decision = this.#controller.step({ now, media, goal: this.#goal(now), mayPlay: this.#mayPlay });
    for (const action of this.#decision.actions) this.#carryOut(action);
    if (this.#decision.drift !== null) this.#log.add(now, this.#decision.drift);
    this.#onStatus(this.#status(media, now));
    this.#timer = setTimeout(() => this.#step(), this.#decision.wakeIn);
  }

  #goal(now: number): Goal | null {
    const shared = this.#shared;
    if (shared === null || !this.#clock.ready) return null;
    const server = this.#clock.nowMicros(now);
    return {
      // The anchor is part of it: an optimistic state has the version of the one that it is made from.
      revision: `${shared.itemId} ${shared.version} ${shared.anchor} ${shared.playing} ${shared.position}`,
      playing: shared.playing,
      position: positionAt(shared, server),
      rate: shared.rate,
      startsIn: shared.playing ? (shared.anchor - server) / 1000 : 0,
      live: shared.live,
    };
  }

  #media(now: number): Media {
    const video = this.#video;
    const moving = !video.paused && !video.seeking && !video.ended && video.readyState >= HAVE_FUTURE_DATA;
    return {
      time: this.#mediaClock.read(now, video.currentTime, video.playbackRate, moving),
      paused: video.paused,
      seeking: video.seeking,
      ended: video.ended,
      readyState: video.readyState,
      duration: Number.isFinite(video.duration) ? video.duration : null,
      playbackRate: video.playbackRate,
    };
  }

  #carryOut(action: Action): void {
    switch (action.kind) {
      case 'play':
        this.#play();
        break;
      case 'pause':
        this.#video.pause();
        break;
      case 'seek':
        this.#mediaClock.reset();
        this.#video.currentTime = action.to;
        break;
      case 'rate':
        this.#video.playbackRate = action.rate;
        break;
    }
  }

  #play(): void {
    this.#video.play().catch((error: unknown) => {
      // Any other rejection follows from a pause or a new source that came in between.
      if (!(error instanceof DOMException) || error.name !== 'NotAllowedError') return;
      this.#mayPlay = false;
      this.#step();
    });
  }

  #status(media: Media, now: number): SyncStatus {
    const { phase, drift } = this.#decision;
    this.#told = this.#readiness(now) ?? this.#told;
    return { phase, ...this.#told, drift, position: media.time, duration: media.duration };
  }

  /**
   * Null while it is not clear yet: a new version of the playback may ask for a seek, and until that has taken a while,
   * this viewer is neither ready for it nor worth waiting for.
   */
  #readiness(now: number): { readiness: Readiness; version: number } | null {
    const { ended, readyState, seeking } = this.#video;
    if (this.#shared === null) return { readiness: 'unknown', version: 0 };
    const { version } = this.#shared;
    if (ended) return { readiness: 'ended', version };
    if (this.#decision.phase === 'blocked') return { readiness: 'waiting', version };
    if (readyState >= HAVE_FUTURE_DATA && !seeking) {
      this.#lastReadyAt = now;
      return { readiness: 'ready', version };
    }
    const since = Math.max(this.#lastReadyAt, this.#followedAt);
    return now - since > BUFFERING_AFTER_MS ? { readiness: 'buffering', version } : null;
  }

  #requestFrame(): void {
    if (!('requestVideoFrameCallback' in this.#video)) return;
    this.#frameRequest = this.#video.requestVideoFrameCallback((reportedAt, { mediaTime, expectedDisplayTime }) => {
      const { currentTime } = this.#video;
      this.#mediaClock.frame({ mediaTime, shownAt: expectedDisplayTime, currentTime, reportedAt });
      this.#requestFrame();
    });
  }
}
