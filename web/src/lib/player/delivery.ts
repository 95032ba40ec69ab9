/**
 * Brings one item to the player and keeps it coming: tries its sources in their order, goes on to the next one when one
 * fails, and asks for new addresses before the present ones run out. It knows no element and no framework.
 */

import type { MediaAnswer } from '../api/media';
import type { ApiError } from '../api/problem';
import type { Playable } from '../api/types';
import type { Abilities } from './abilities';
import { inOrder, playableSources, versionOf, type Source, type Wish } from './source';

/** Why a source can't be played: `network` (unreachable, refused), `format` (not playable here), `unknown`. */
export type TroubleKind = 'network' | 'format' | 'unknown';

export interface SourceTrouble {
  readonly kind: TroubleKind;
  /** The HTTP status that it is about; null where nobody knows one. */
  readonly status: number | null;
  /** What could not be loaded, where it is only a part of the source. */
  readonly url?: string | undefined;
}

/**
 * Why an item can't be played: no source is left, there never was one, or the server says why: it does not hand the film
 * on (`refused`), or not even say how to play it (`unavailable`).
 */
export type DeliveryTrouble =
  | { readonly kind: TroubleKind | 'unplayable' }
  | { readonly kind: 'refused'; readonly error: ApiError }
  | { readonly kind: 'unavailable'; readonly error: unknown };

/** A trouble, and what this server says about it. */
interface Diagnosis extends SourceTrouble {
  readonly refusal: ApiError | null;
}

export interface DeliveryOptions {
  readonly abilities: Abilities;
  readonly playable: () => Promise<Playable>;
  /** Milliseconds since the Unix epoch, by the clock of the server. */
  readonly now: () => number;
  /** 0 to 1. */
  readonly random: () => number;
  readonly wish: () => Wish;
  /** Whether a new address is worth an interruption, when the present one is good for so many milliseconds more. */
  readonly worthSwap: (goodFor: number) => boolean;
  /** How an address answers now; null where the browser may not know it, or nobody answers. */
  readonly answerOf: (url: string) => Promise<MediaAnswer | null>;
  /** Puts a source in the place of the present one. Rejects when its engine can't be loaded. */
  readonly bring: (source: Source) => Promise<void>;
  readonly onPlayable: (playable: Playable) => void;
  readonly onTrouble: (trouble: DeliveryTrouble) => void;
}

/** Addresses are renewed this long before they run out, and up to `JITTER_MS` earlier: not by all viewers at once. */
const EARLY_MS = 60_000;
const JITTER_MS = 20_000;
const SOONEST_MS = 5000;
/** Timers of browsers end at 24 days; an address that lives longer is asked about sooner. */
const LATEST_MS = 12 * 3_600_000;
/** Statuses of media whose address has run out, or was taken back. */
const RUN_OUT: ReadonlySet<number> = new Set([401, 403, 410]);

function isRefusal(status: number | null): boolean {
  return status !== null && status >= 400;
}

/** Milliseconds until addresses that are good until `expiresAt` are to be renewed. */
export function renewalIn(expiresAt: number, now: number, random: number): number {
  const left = expiresAt - now;
  const wanted = left - EARLY_MS - random * JITTER_MS;
  return Math.min(LATEST_MS, Math.max(SOONEST_MS, wanted > 0 ? wanted : left / 2));
}

export class Delivery {
  readonly #options: DeliveryOptions;
  #playable: Playable | null = null;
  #source: Source | null = null;
  #failed = new Set<string>();
  /** The versions that one of their addresses refused, with what this server said of it. */
  #refused = new Map<string, ApiError | null>();
  /** The source that has failed and is being looked at. */
  #doomed: Source | null = null;
  /** Whether addresses were renewed because of a failure since the present source last played. */
  #renewed = false;
  #round = 0;
  #stopped = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  get source(): Source | null {
    return this.#source;
  }

  /** The first time, and whenever everything is to be tried anew, as with another way of delivery. */
  async start(): Promise<void> {
    this.#failed.clear();
    this.#refused.clear();
    this.#renewed = false;
    const round = this.#next();
    if (await this.#fetch(round)) await this.#try(this.#candidates()[0], round);
  }

  /** Ends it. Nothing is called any more. */
  stop(): void {
    this.#stopped = true;
    this.#next();
    clearTimeout(this.#timer);
  }

  /** Takes another version, as the wish says by now. */
  async choose(): Promise<void> {
    this.#failed.clear();
    const [wished] = this.#candidates();
    if (wished === undefined || wished.variant.id === this.#source?.variant.id) return;
    await this.#try(wished, this.#next());
  }

  /** The present source plays. */
  proven(): void {
    this.#renewed = false;
  }

  /** Whether nothing is left to try after the present source. */
  get isLast(): boolean {
    return this.#candidates().length <= 1;
  }

  /**
   * A source can't be played (any more). Only the first failure of the present one counts: an engine may tell more of
   * them while its address is looked at, and what is said of another one comes too late.
   */
  async failed(source: Source, trouble: SourceTrouble): Promise<void> {
    if (source !== this.#source || source === this.#doomed) return;
    this.#doomed = source;
    const round = this.#next();
    const found = await this.#diagnose(source, trouble);
    if (round !== this.#round) return;
    if (found.status !== null && RUN_OUT.has(found.status) && !this.#renewed)
      return this.#renewAfterFailure(source, found, round);
    await this.#goOn(source, found, round);
  }

  /** An element tells no status and calls a refusal a wrong format, and no engine reads why this server refuses. */
  async #diagnose({ variant, engine }: Source, trouble: SourceTrouble): Promise<Diagnosis> {
    const ours = variant.delivery === 'proxy';
    if (engine !== 'native' && !(ours && trouble.kind === 'network')) return { ...trouble, refusal: null };
    const answer = await this.#options.answerOf(trouble.url ?? variant.url);
    // Of this server the browser may know everything: it has not answered.
    if (answer === null) return { ...trouble, kind: ours ? 'network' : trouble.kind, refusal: null };
    const status = trouble.status ?? answer.status;
    return { kind: isRefusal(status) ? 'network' : trouble.kind, status, refusal: answer.refusal };
  }

  async #renewAfterFailure(source: Source, found: Diagnosis, round: number): Promise<void> {
    this.#renewed = true;
    if (!(await this.#fetch(round))) return;
    const same = this.#same(source);
    if (same === undefined) await this.#goOn(source, found, round);
    else await this.#try(same, round);
  }

  async #goOn(source: Source, found: Diagnosis, round: number): Promise<void> {
    this.#failed.add(source.variant.id);
    const version = versionOf(source.variant);
    if (isRefusal(found.status)) this.#refused.set(version, found.refusal);
    const next = this.#candidates()[0];
    if (next !== undefined) return this.#try(next, round);
    // Where the browser tells nothing of an address, the other one of the same version may have told what is wrong.
    const other = found.status === null ? this.#refused.get(version) : undefined;
    const error = found.refusal ?? other ?? null;
    if (error !== null) this.#end({ kind: 'refused', error });
    else this.#end({ kind: other === undefined ? found.kind : 'network' });
  }

  async #try(source: Source | undefined, round: number): Promise<void> {
    if (source === undefined) return this.#end({ kind: 'unplayable' });
    this.#source = source;
    try {
      await this.#options.bring(source);
    } catch {
      if (round === this.#round) await this.#goOn(source, { kind: 'unknown', status: null, refusal: null }, round);
    }
  }

  #end(trouble: DeliveryTrouble): void {
    clearTimeout(this.#timer);
    this.#source = null;
    this.#options.onTrouble(trouble);
  }

  #next(): number {
    return (this.#round += 1);
  }

  #candidates(): readonly Source[] {
    const sources = playableSources(this.#playable?.variants ?? [], this.#options.abilities);
    return inOrder(sources, this.#options.wish()).filter(({ variant }) => !this.#failed.has(variant.id));
  }

  #same({ variant }: Source): Source | undefined {
    const candidates = this.#candidates();
    return (
      candidates.find((candidate) => candidate.variant.id === variant.id) ??
      candidates.find((candidate) => versionOf(candidate.variant) === versionOf(variant))
    );
  }

  /** Resolves to whether there is a playable, and this round still matters. */
  async #fetch(round: number): Promise<boolean> {
    clearTimeout(this.#timer);
    try {
      const playable = await this.#options.playable();
      if (round !== this.#round) return false;
      this.#take(playable);
      return true;
    } catch (error) {
      if (round === this.#round) this.#end({ kind: 'unavailable', error });
      return false;
    }
  }

  #take(playable: Playable): void {
    this.#playable = playable;
    this.#options.onPlayable(playable);
    this.#renewLater();
  }

  #renewLater(): void {
    clearTimeout(this.#timer);
    const { expiresAt } = this.#playable ?? {};
    const at = expiresAt == null ? NaN : Date.parse(expiresAt);
    const now = this.#options.now();
    // Once they have run out, the first refusal is the time to ask.
    if (this.#stopped || !(at > now)) return;
    this.#timer = setTimeout(() => void this.#renew(at), renewalIn(at, now, this.#options.random()));
  }

  /** Quietly: as long as the present addresses are good, nobody has to know that there were no new ones. */
  async #renew(expiresAt: number): Promise<void> {
    const { now, worthSwap, playable } = this.#options;
    const round = this.#round;
    if (!worthSwap(Math.max(0, expiresAt - now()))) return this.#renewLater();
    let fresh: Playable;
    try {
      fresh = await playable();
    } catch {
      return this.#renewLater();
    }
    if (round === this.#round) await this.#swap(fresh);
    else this.#renewLater();
  }

  async #swap(fresh: Playable): Promise<void> {
    const before = this.#source;
    this.#take(fresh);
    if (before === null) return;
    const same = this.#same(before) ?? this.#candidates()[0];
    if (same?.variant.url !== before.variant.url) await this.#try(same, this.#next());
  }
}
