/**
 * Decides what a media element has to do to stand where the shared playback stands. No I/O and no timers:
 * the driver calls `step` and carries out the actions.
 *
 * Starting, and seeking while playing, are a rendezvous: the element waits paused at a position that the shared
 * playback reaches a little later, and is started ahead of that instant by what it is known to need for starting.
 * While running, small drift is removed by the rate, large drift by another rendezvous.
 *
 * Local times and waits are milliseconds; positions and drift are seconds of media, drift positive when ahead.
 */

import { Latency, type StartKind } from './latency';
import { Nudge } from './nudge';

export interface Media {
  readonly time: number;
  readonly paused: boolean;
  readonly seeking: boolean;
  readonly ended: boolean;
  readonly readyState: number;
  readonly duration: number | null;
  readonly playbackRate: number;
}

export interface Goal {
  /** Changes with every change of the shared playback. */
  readonly revision: string;
  readonly playing: boolean;
  /** Of the shared playback now. */
  readonly position: number;
  readonly rate: number;
  /** Until the shared playback starts to move; zero or less when it already does. */
  readonly startsIn: number;
  /** A live stream has no shared position: it is only started and paused. */
  readonly live: boolean;
}

export interface Input {
  readonly now: number;
  readonly media: Media;
  readonly goal: Goal | null;
  /** False while the browser refuses to start without a gesture of the person. */
  readonly mayPlay: boolean;
}

export type Action =
  | { readonly kind: 'play' }
  | { readonly kind: 'pause' }
  | { readonly kind: 'seek'; readonly to: number }
  | { readonly kind: 'rate'; readonly rate: number };

export type Phase = 'idle' | 'holding' | 'starting' | 'running' | 'stalled' | 'ended' | 'blocked';

export interface Decision {
  readonly phase: Phase;
  readonly actions: readonly Action[];
  /** Call `step` again after this long, or earlier when the element reports something. */
  readonly wakeIn: number;
  /** Averaged, while running. */
  readonly drift: number | null;
}

const HAVE_METADATA = 1;
const HAVE_FUTURE_DATA = 3;

const TICK = 125;
const BUSY_TICK = 30;
const AVERAGED = 3;
const SETTLE = 80;
/** Drift that is worth a seek: when a person has just changed something, in steady state, and where nudging fails. */
const SEEK_AFTER_CHANGE_S = 0.2;
const SEEK_STEADY_S = 1;
const SEEK_WITHOUT_NUDGE_S = 0.3;
const CHANGE_LASTS = 1500;
/** A start that is late by more is aimed anew; a smaller miss is left to nudging. */
const LATE = 80;
const ATTEMPTS = 3;
/** How long to wait paused for the others rather than seek back. */
const PATIENCE = 400;
const SAME_PLACE_S = 0.02;
const EXACT_S = 1e-6;
const END_S = 0.05;
const THRASH_WINDOW = 30_000;
const LONGEST_BACKOFF = 30_000;

interface Rendezvous {
  readonly position: number;
  /** When the shared playback is at `position`. */
  readonly at: number;
  readonly attempt: number;
  readonly seek: boolean;
  soughtAt: number | null;
  arrived: boolean;
}

export class SyncController {
  readonly latency = new Latency();
  readonly #nudge = new Nudge();
  #revision: string | null = null;
  #changedAt = -Infinity;
  #plan: Rendezvous | null = null;
  #held: { to: number; at: number } | null = null;
  #drifts: number[] = [];
  #settledAt = 0;
  /** The start that is yet to be learned from: how late it was made, and of which kind. */
  #started: { late: number; kind: StartKind } | null = null;
  /** Whether the element has been moved (or filled) since it last played. */
  #moved = true;
  #resyncs: number[] = [];
  #noSeekBefore = 0;

  step(input: Input): Decision {
    const { goal, media, now } = input;
    if (goal === null) return this.#idle();
    const changed = goal.revision !== this.#revision;
    if (changed) this.#begin(goal.revision, now);
    if (media.readyState < HAVE_METADATA) return decision('stalled', [], TICK);
    if (goal.live) return this.#live(input, goal);
    if (!goal.playing) return this.#hold(media, goal, now);
    if (this.#over(media, goal)) return this.#finish(media, goal);
    if (!input.mayPlay) return this.#blocked();
    if (this.#plan === null && this.#mustMeet(media, goal, changed)) this.#plan = this.#meet(media, goal, now, 1);
    return this.#plan === null ? this.#run(media, goal, now) : this.#start(this.#plan, media, goal, now);
  }

  #idle(): Decision {
    this.#revision = null;
    this.#plan = null;
    this.#moved = true;
    this.#unsettle();
    return decision('idle', [], TICK);
  }

  #begin(revision: string, now: number): void {
    this.#revision = revision;
    this.#changedAt = now;
    this.#plan = null;
    this.#held = null;
    this.#started = null;
    this.#resyncs = [];
    this.#noSeekBefore = 0;
    this.#unsettle();
  }

  #unsettle(): void {
    this.#drifts = [];
    this.#nudge.rest();
  }

  #blocked(): Decision {
    this.#plan = null;
    return decision('blocked', [], TICK);
  }

  #live({ media, mayPlay }: Input, goal: Goal): Decision {
    if (goal.playing && !mayPlay) return this.#blocked();
    const actions: Action[] = [];
    if (goal.playing && media.paused) actions.push({ kind: 'play' });
    if (!goal.playing && !media.paused) actions.push({ kind: 'pause' });
    const phase = !goal.playing ? 'holding' : media.readyState < HAVE_FUTURE_DATA ? 'stalled' : 'running';
    return decision(phase, actions, actions.length > 0 ? 1000 : TICK);
  }

  /** Paused together: everybody ends on the very same position. */
  #hold(media: Media, goal: Goal, now: number): Decision {
    this.#plan = null;
    this.#unsettle();
    const to = within(goal.position, media.duration);
    const actions: Action[] = [];
    if (!media.paused) actions.push({ kind: 'pause' });
    if (this.#misplaced(media, to, now)) {
      this.#held = { to, at: now };
      this.#moved = true;
      actions.push({ kind: 'seek', to });
    }
    return decision('holding', withRate(actions, media, goal.rate), TICK);
  }

  #misplaced(media: Media, to: number, now: number): boolean {
    const off = Math.abs(media.time - to);
    if (off <= EXACT_S) return false;
    if (this.#held?.to !== to) return true;
    // Already sent there. Some containers can't stand exactly where they are told: near is then as good as it gets.
    return !media.seeking && off > 0.1 && now - this.#held.at > 1000;
  }

  #over(media: Media, goal: Goal): boolean {
    if (media.duration === null || goal.startsIn > 0) return false;
    const left = media.duration - goal.position;
    return left <= END_S || (media.ended && left < 1);
  }

  #finish(media: Media, goal: Goal): Decision {
    this.#plan = null;
    this.#unsettle();
    const end = media.duration ?? 0;
    const away = media.paused && !media.ended && !media.seeking && Math.abs(media.time - end) > 0.3;
    const actions: Action[] = away ? [{ kind: 'seek', to: end }] : [];
    return decision('ended', withRate(actions, media, goal.rate), TICK);
  }

  #mustMeet(media: Media, goal: Goal, changed: boolean): boolean {
    if (media.paused || media.ended) return true;
    if (!changed) return false;
    return goal.startsIn > 0 || Math.abs(media.time - goal.position) > SEEK_AFTER_CHANGE_S;
  }

  #meet(media: Media, goal: Goal, now: number, attempt: number): Rendezvous {
    if (this.#waitsWell(media, goal)) {
      const at = now + Math.max(0, goal.startsIn) + ((media.time - goal.position) / goal.rate) * 1000;
      return { position: media.time, at, attempt, seek: false, soughtAt: null, arrived: true };
    }
    const lead = Math.max(goal.startsIn, this.latency.seekLeadMs * attempt);
    const moved = ((lead - Math.max(0, goal.startsIn)) / 1000) * goal.rate;
    const position = within(goal.position + moved, media.duration);
    return { position, at: now + lead, attempt, seek: true, soughtAt: null, arrived: false };
  }

  /** Whether the element stands at a place that the shared playback will soon reach, or has just left. */
  #waitsWell(media: Media, goal: Goal): boolean {
    if (!media.paused || media.seeking || media.ended) return false;
    if (goal.startsIn > 0) return Math.abs(media.time - goal.position) <= SAME_PLACE_S;
    const ahead = ((media.time - goal.position) / goal.rate) * 1000;
    return ahead > -LATE && ahead < PATIENCE;
  }

  #start(plan: Rendezvous, media: Media, goal: Goal, now: number): Decision {
    const actions: Action[] = [];
    if (!media.paused) actions.push({ kind: 'pause' });
    if (plan.seek && plan.soughtAt === null) {
      plan.soughtAt = now;
      this.#moved = true;
      actions.push({ kind: 'seek', to: plan.position });
    }
    withRate(actions, media, goal.rate);
    if (actions.some((action) => action.kind !== 'rate')) return decision('starting', actions, BUSY_TICK);
    if (media.seeking || media.readyState < HAVE_FUTURE_DATA) return decision('starting', actions, BUSY_TICK);
    return this.#depart(plan, media, goal, now, actions);
  }

  #depart(plan: Rendezvous, media: Media, goal: Goal, now: number, actions: Action[]): Decision {
    if (!plan.arrived) {
      plan.arrived = true;
      this.latency.learnSeek(now - (plan.soughtAt ?? now));
    }
    const kind = this.#moved ? 'afterSeek' : 'afterPause';
    const late = now - (plan.at - this.latency.startMs(kind));
    if (late > LATE && plan.attempt < ATTEMPTS) {
      this.#plan = this.#meet(media, goal, now, plan.attempt + 1);
      return decision('starting', actions, 0);
    }
    if (late < -1) return decision('starting', actions, Math.min(-late, TICK));
    this.#plan = null;
    this.#started = late <= LATE ? { late, kind } : null;
    this.#settledAt = now + this.latency.startMs(kind) + SETTLE;
    this.#moved = false;
    this.#unsettle();
    return decision('starting', [...actions, { kind: 'play' }], BUSY_TICK);
  }

  #run(media: Media, goal: Goal, now: number): Decision {
    if (media.seeking || media.readyState < HAVE_FUTURE_DATA) {
      this.#unsettle();
      return decision('stalled', withRate([], media, goal.rate), TICK);
    }
    if (now < this.#settledAt) return decision('running', withRate([], media, goal.rate), BUSY_TICK);
    this.#drifts.push(media.time - goal.position);
    if (this.#drifts.length > AVERAGED) this.#drifts.shift();
    const drift = mean(this.#drifts);
    if (this.#drifts.length < AVERAGED) return decision('running', withRate([], media, goal.rate), BUSY_TICK, drift);
    this.#learnStart(drift, goal.rate);
    if (this.#worthSeek(drift, now)) return this.#resync(media, goal, now);
    const rate = goal.rate * this.#nudge.factor(drift, goal.rate, now);
    return decision('running', withRate([], media, rate), TICK, drift);
  }

  #learnStart(drift: number, rate: number): void {
    if (this.#started === null) return;
    const { kind, late } = this.#started;
    this.latency.learnStart(kind, (drift / rate) * 1000 + late);
    this.#started = null;
  }

  #worthSeek(drift: number, now: number): boolean {
    if (now < this.#noSeekBefore) return false;
    const fresh = now - this.#changedAt < CHANGE_LASTS;
    const steady = this.#nudge.works ? SEEK_STEADY_S : SEEK_WITHOUT_NUDGE_S;
    return Math.abs(drift) > (fresh ? SEEK_AFTER_CHANGE_S : steady);
  }

  /** Each further resync within a while waits twice as long, so that a struggling element is left to play. */
  #resync(media: Media, goal: Goal, now: number): Decision {
    this.#resyncs = [...this.#resyncs.filter((at) => now - at < THRASH_WINDOW), now];
    this.#noSeekBefore = now + Math.min(1000 * 2 ** this.#resyncs.length, LONGEST_BACKOFF);
    this.#unsettle();
    this.#plan = this.#meet(media, goal, now, 1);
    return this.#start(this.#plan, media, goal, now);
  }
}

function decision(phase: Phase, actions: readonly Action[], wakeIn: number, drift: number | null = null): Decision {
  return { phase, actions, wakeIn, drift };
}

function withRate(actions: Action[], media: Media, rate: number): Action[] {
  if (Math.abs(media.playbackRate - rate) > 0.0005) actions.push({ kind: 'rate', rate });
  return actions;
}

function within(position: number, duration: number | null): number {
  return duration === null ? position : Math.min(position, duration);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
