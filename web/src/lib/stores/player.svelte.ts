/** The player of a room: brings the current item into the element and lets the sync driver keep it in step. */

import type { Playable } from '../api/types';
import { abilities, prepare, type LoadedSource, type SourceTrouble } from '../player/engine';
import { chooseSource } from '../player/source';
import type { Surface } from '../player/surface';
import type { Playback } from '../realtime/values';
import type { ServerClock } from '../sync/clock';
import type { DriftPoint } from '../sync/driftLog';
import { SyncDriver, type Readiness, type SyncStatus } from '../sync/driver';
import { preferences } from './preferences.svelte';

export type PlayerTrouble = SourceTrouble | 'unplayable' | 'unavailable';

export interface Standing {
  readonly readiness: Readiness;
  readonly version: number;
}

export interface PlayerOptions {
  readonly clock: ServerClock;
  readonly playable: () => Promise<Playable>;
  readonly onReadiness: () => void;
}

export class PlayerStore {
  status = $state.raw<SyncStatus | null>(null);
  trouble = $state<PlayerTrouble | null>(null);
  loading = $state(false);
  volume = $state(preferences.volume);
  muted = $state(false);
  readonly #options: PlayerOptions;
  #surface: Surface | null = null;
  #driver: SyncDriver | null = null;
  #source: LoadedSource | null = null;
  #playback: Playback | null = null;
  #itemId: string | null = null;
  #round = 0;
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

  /** Who comes into a running film does not stop it for the others while their own player fills. */
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
    this.#driver = new SyncDriver(surface.video, this.#options.clock, (status) => this.#observe(status));
    this.#applyVolume();
    this.#update();
  }

  detach(): void {
    this.#round += 1;
    this.#driver?.stop();
    this.#source?.release();
    this.#surface?.destroy();
    this.#driver = null;
    this.#source = null;
    this.#surface = null;
    this.#itemId = null;
  }

  /** Shows `playback` from now on; null while it is not known. */
  show(playback: Playback | null): void {
    this.#playback = playback;
    this.#update();
  }

  /** Loads the current item again. */
  retry(): void {
    this.#itemId = null;
    this.#update();
  }

  /** Within a gesture of the person, after the browser refused to start. */
  join(muted: boolean): void {
    this.setMuted(muted);
    this.#driver?.unblock();
  }

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

  #observe(status: SyncStatus): void {
    this.status = status;
    const { readiness, version } = this.standing;
    if (readiness === this.#told.readiness && version === this.#told.version) return;
    this.#told = { readiness, version };
    this.#options.onReadiness();
  }

  #update(): void {
    const item = this.#playback?.item ?? null;
    if (this.#surface !== null && item?.id !== this.#itemId && (item !== null || this.#itemId !== null)) {
      this.#itemId = item?.id ?? null;
      void this.#load();
    }
    if (this.#source !== null && this.trouble === null) this.#follow();
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

  async #load(): Promise<void> {
    const round = (this.#round += 1);
    this.#driver?.follow(null);
    this.#source?.release();
    this.#source = null;
    this.trouble = null;
    this.loading = this.#itemId !== null;
    this.#options.onReadiness();
    if (this.#itemId === null) return;
    try {
      const playable = await this.#options.playable();
      if (round === this.#round) await this.#bring(playable, round);
    } catch {
      if (round === this.#round) this.#fail('unavailable');
    }
  }

  async #bring(playable: Playable, round: number): Promise<void> {
    const video = this.video;
    const source = chooseSource(playable.variants, abilities());
    if (source === null || video === null) {
      this.#fail('unplayable');
      return;
    }
    const attach = await prepare(source);
    if (round !== this.#round) return;
    this.#source = attach(video, (trouble) => this.#fail(trouble));
    this.loading = false;
    this.#applyVolume();
    this.#follow();
  }

  #fail(trouble: PlayerTrouble): void {
    this.trouble = trouble;
    this.loading = false;
    this.#driver?.follow(null);
    this.#options.onReadiness();
  }
}
