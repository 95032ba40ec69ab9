/** The player of a room: brings the current item into the element and lets the sync driver keep it in step. */

import { answerOf } from '../api/media';
import type { DeliveryMode, Playable } from '../api/types';
import { abilities, profileText } from '../player/abilities';
import { inLanguage, levelFor } from '../player/choices';
import { Delivery, type DeliveryTrouble, type SourceTrouble } from '../player/delivery';
import { NO_TRACKS, prepare, type LoadedSource, type Tracks } from '../player/engine';
import { playableSources, type Source } from '../player/source';
import type { Surface } from '../player/surface';
import { rangesOf, worthSwap } from '../player/swap';
import type { Playback } from '../realtime/values';
import type { ServerClock } from '../sync/clock';
import type { DriftPoint } from '../sync/driftLog';
import { SyncDriver, type Readiness, type SyncStatus } from '../sync/driver';
import { DanmakuStore } from './danmaku.svelte';
import { positionOf } from './predict';
import { preferences } from './preferences.svelte';
import { SubtitlesStore } from './subtitles.svelte';
import type { Viewing } from './viewing';

export interface Standing {
  readonly readiness: Readiness;
  readonly version: number;
}

export interface PlayerOptions {
  readonly clock: ServerClock;
  readonly playable: (profile: string) => Promise<Playable>;
  readonly onReadiness: () => void;
}

/** A source that has shown nothing for so long is given up: for the next one, or for good when it is the last. */
const SILENT_MS = 15_000;
const SILENT_LAST_MS = 60_000;
/** A source that has played for so long is a good one. */
const PROVEN_MS = 10_000;
const HAVE_METADATA = 1;
const HAVE_CURRENT_DATA = 2;
const STANDS: ReadonlySet<SyncStatus['phase']> = new Set(['running', 'holding', 'ended', 'blocked']);

export class PlayerStore {
  status = $state.raw<SyncStatus | null>(null);
  trouble = $state.raw<DeliveryTrouble | null>(null);
  loading = $state(false);
  volume = $state(preferences.volume);
  muted = $state(false);
  playable = $state.raw<Playable | null>(null);
  /** What is in the element. */
  source = $state.raw<Source | null>(null);
  tracks = $state.raw<Tracks>(NO_TRACKS);
  readonly subtitles = new SubtitlesStore();
  readonly danmaku = new DanmakuStore();
  /** What of the playable can be played here. */
  readonly sources: readonly Source[] = $derived(
    this.playable === null ? [] : playableSources(this.playable.variants, abilities()),
  );
  readonly #options: PlayerOptions;
  #end = new AbortController();
  #surface: Surface | null = null;
  #driver: SyncDriver | null = null;
  #delivery: Delivery | null = null;
  #loaded: LoadedSource | null = null;
  #playback: Playback | null = null;
  #itemId: string | null = null;
  /** The version that was chosen by hand for this item. */
  #versionId: string | null = null;
  #round = 0;
  #broughtAt = 0;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #everReady = false;
  #told: Standing = { readiness: 'unknown', version: 0 };

  constructor(options: PlayerOptions) {
    this.#options = options;
  }

  /** What the others are told about this player, and the version of the playback that it is about. */
  get standing(): Standing {
    const version = this.#playback?.version ?? 0;
    if (this.trouble !== null) return { readiness: 'unknown', version };
    if (this.loading) return { readiness: this.#patient() ? 'unknown' : 'buffering', version };
    if (this.status === null) return { readiness: 'unknown', version };
    const { readiness } = this.status;
    if (readiness === 'ready') this.#everReady = true;
    return {
      readiness: readiness === 'buffering' && this.#patient() ? 'unknown' : readiness,
      version: this.status.version,
    };
  }

  /**
   * Who comes into a running film does not stop it for the others while their own player fills; neither does whose
   * source is being exchanged.
   */
  #patient(): boolean {
    return !this.#everReady && this.#playback?.heldUntil == null;
  }

  get driver(): SyncDriver | null {
    return this.#driver;
  }

  get video(): HTMLVideoElement | null {
    return this.#surface?.video ?? null;
  }

  get drifts(): readonly DriftPoint[] {
    return this.#driver?.drifts ?? [];
  }

  attach(surface: Surface): void {
    this.#surface = surface;
    this.#end = new AbortController();
    this.#driver = new SyncDriver(surface.video, this.#options.clock, (status) => this.#observe(status));
    addEventListener('online', () => this.#backOnline(), { signal: this.#end.signal });
    this.#applyVolume();
    this.#update();
  }

  detach(): void {
    this.#end.abort();
    this.#delivery?.stop();
    this.#driver?.stop();
    this.#release();
    this.#surface?.destroy();
    this.#delivery = null;
    this.#driver = null;
    this.#surface = null;
    this.#itemId = null;
  }

  /** Shows `playback` from now on; null while it is not known. */
  show(playback: Playback | null): void {
    this.#playback = playback;
    this.#update();
  }

  /** Tries everything for the current item again. */
  retry(): void {
    this.#leaveTrouble();
    void this.#delivery?.start();
  }

  #leaveTrouble(): void {
    if (this.trouble === null) return;
    this.trouble = null;
    this.loading = true;
    this.#options.onReadiness();
  }

  /** Within a gesture of the person, after the browser refused to start. */
  join(muted: boolean): void {
    this.setMuted(muted);
    this.#driver?.unblock();
  }

  // ------------------------------------------------------------ sound

  setVolume(volume: number): void {
    this.volume = Math.min(1, Math.max(0, volume));
    this.muted = this.volume === 0;
    preferences.volume = this.volume;
    this.#applyVolume();
  }

  setMuted(muted: boolean): void {
    this.muted = muted;
    if (!muted && this.volume === 0) this.setVolume(0.5);
    this.#applyVolume();
  }

  #applyVolume(): void {
    if (this.video === null) return;
    this.video.volume = this.volume;
    this.video.muted = this.muted;
  }

  // ------------------------------------------------------------ choices

  /** Another version of the item; it is remembered by its size for other items. */
  chooseVersion(id: string): void {
    const chosen = this.sources.find(({ variant }) => variant.id === id)?.variant;
    if (chosen === undefined) return;
    this.#versionId = id;
    this.#remember({ height: chosen.height });
    this.#leaveTrouble();
    void this.#delivery?.choose();
  }

  /** A quality inside an adaptive source; null lets the engine choose. */
  chooseLevel(id: string | null): void {
    const level = this.tracks.levels.find((one) => one.id === id);
    this.#remember({ levelHeight: level?.height ?? null });
    this.#loaded?.chooseLevel(id);
    this.tracks = { ...this.tracks, level: id };
  }

  chooseAudio(id: string): void {
    const track = this.tracks.audio.find((one) => one.id === id);
    this.#remember({ audioLanguage: track?.language ?? null });
    this.#loaded?.chooseAudio(id);
    this.tracks = { ...this.tracks, audioId: id };
  }

  get mode(): DeliveryMode {
    return preferences.viewing.mode;
  }

  /** The way by which media come; everything is asked for anew. */
  chooseMode(mode: DeliveryMode): void {
    if (mode === this.mode) return;
    this.#remember({ mode });
    this.#leaveTrouble();
    void this.#delivery?.start();
  }

  #remember(change: Partial<Viewing>): void {
    preferences.viewing = { ...preferences.viewing, ...change };
  }

  // ------------------------------------------------------------ following

  #observe(status: SyncStatus): void {
    this.status = status;
    this.#show(status);
    const { readiness, version } = this.standing;
    if (readiness === this.#told.readiness && version === this.#told.version) return;
    this.#told = { readiness, version };
    this.#options.onReadiness();
  }

  /** A new source is seen once it stands where it should. */
  #show({ phase }: SyncStatus): void {
    const { video } = this;
    if (video === null || this.source === null || video.readyState < HAVE_METADATA) return;
    clearTimeout(this.#silence);
    if (STANDS.has(phase) && !video.seeking && video.readyState >= HAVE_CURRENT_DATA) this.#surface?.letGo();
    if (phase === 'running' && performance.now() - this.#broughtAt > PROVEN_MS) this.#delivery?.proven();
  }

  #update(): void {
    const item = this.#playback?.item ?? null;
    if (this.#surface !== null && item?.id !== this.#itemId && (item !== null || this.#itemId !== null)) {
      this.#itemId = item?.id ?? null;
      this.#load();
    }
    if (this.#loaded !== null && this.trouble === null) this.#follow();
  }

  #follow(): void {
    const { item, position, rate, playing, anchor, version } = this.#playback ?? {};
    if (item === undefined || item === null || item.id !== this.#itemId) return;
    const duration = item.duration;
    const live = item.kind === 'live';
    this.#driver?.follow({
      itemId: item.id,
      version: version ?? 0,
      position: position ?? 0,
      rate: rate ?? 1,
      playing: playing ?? false,
      anchor: anchor ?? 0,
      duration,
      live,
    });
  }

  // ------------------------------------------------------------ loading

  #load(): void {
    this.#delivery?.stop();
    this.#delivery = null;
    this.#release();
    this.#surface?.letGo();
    this.#versionId = null;
    this.trouble = null;
    this.playable = null;
    this.subtitles.offer(null, []);
    this.danmaku.offer(null, []);
    this.loading = this.#itemId !== null;
    this.#options.onReadiness();
    if (this.#itemId === null) return;
    this.#delivery = this.#newDelivery(this.#itemId);
    void this.#delivery.start();
  }

  #newDelivery(itemId: string): Delivery {
    return new Delivery({
      abilities: abilities(),
      playable: () => this.#options.playable(profileText(abilities(), this.mode)),
      now: () => this.#serverNow() / 1000,
      random: Math.random,
      wish: () => ({ variantId: this.#versionId, height: preferences.viewing.height }),
      worthSwap: (goodFor) => this.#worthSwap(goodFor),
      answerOf,
      bring: (source) => this.#bring(source),
      onPlayable: (playable) => this.#offer(itemId, playable),
      onTrouble: (trouble) => this.#fail(trouble),
    });
  }

  #offer(itemId: string, playable: Playable): void {
    this.playable = playable;
    this.subtitles.offer(itemId, playable.subtitles);
    this.danmaku.offer(itemId, playable.danmaku);
  }

  async #bring(source: Source): Promise<void> {
    const round = (this.#round += 1);
    const attach = await prepare(source);
    const { video } = this;
    if (round !== this.#round || video === null) return;
    if (this.#loaded !== null) this.#surface?.hold();
    this.#release();
    this.source = source;
    this.#broughtAt = performance.now();
    this.#loaded = attach({
      video,
      startAt: this.#startAt(),
      onTrouble: (trouble) => this.#sourceFailed(trouble, source),
      onTracks: (tracks) => this.#takeTracks(tracks, source),
    });
    const patience = this.#delivery?.isLast === true ? SILENT_LAST_MS : SILENT_MS;
    this.#silence = setTimeout(() => this.#sourceFailed({ kind: 'network', status: null }, source), patience);
    this.loading = false;
    this.#applyVolume();
    this.#follow();
  }

  #sourceFailed(trouble: SourceTrouble, source: Source): void {
    void this.#delivery?.failed(source, trouble);
  }

  #takeTracks(tracks: Tracks, source: Source): void {
    if (source !== this.source) return;
    const before = this.tracks;
    this.tracks = tracks;
    if (before.levels.length === 0 && tracks.levels.length > 1) this.#chooseLikedLevel(tracks);
    if (before.audio.length === 0 && tracks.audio.length > 1) this.#chooseLikedAudio(tracks);
    this.subtitles.offerInside({ tracks: tracks.texts, choose: (id) => this.#loaded?.chooseText(id) ?? null });
  }

  /** As soon as a source says what there is. */
  #chooseLikedLevel({ levels }: Tracks): void {
    const { levelHeight } = preferences.viewing;
    const level = levelHeight === null ? null : levelFor(levels, levelHeight);
    if (level !== null) this.#loaded?.chooseLevel(level.id);
  }

  #chooseLikedAudio({ audio, audioId }: Tracks): void {
    const track = inLanguage(audio, preferences.viewing.audioLanguage);
    if (track !== null && track.id !== audioId) this.#loaded?.chooseAudio(track.id);
  }

  #release(): void {
    this.#round += 1;
    clearTimeout(this.#silence);
    this.#driver?.follow(null);
    this.source = null;
    this.tracks = NO_TRACKS;
    this.subtitles.offerInside(null);
    this.#loaded?.release();
    this.#loaded = null;
    this.#everReady = false;
  }

  #fail(trouble: DeliveryTrouble): void {
    this.#release();
    this.#surface?.letGo();
    this.trouble = trouble;
    this.loading = false;
    this.#options.onReadiness();
  }

  #backOnline(): void {
    const { kind } = this.trouble ?? {};
    if (kind === 'network' || kind === 'refused' || kind === 'unavailable') this.retry();
  }

  // ------------------------------------------------------------ time

  #serverNow(): number {
    const { clock } = this.#options;
    return clock.ready ? clock.nowMicros(performance.now()) : Date.now() * 1000;
  }

  /** Seconds; null for what has no position. */
  #startAt(): number | null {
    const playback = this.#playback;
    if (playback === null || playback.item === null || playback.item.kind === 'live') return null;
    return positionOf(playback, this.#serverNow());
  }

  #worthSwap(goodFor: number): boolean {
    const playback = this.#playback;
    if (playback === null) return true;
    const { playing, rate, item } = playback;
    const position = this.#startAt();
    const duration = item?.duration ?? this.status?.duration ?? null;
    const buffered = this.source?.engine === 'native' ? rangesOf(this.video?.buffered) : [];
    return worthSwap({ position, duration, playing, rate, buffered }, goodFor);
  }
}
