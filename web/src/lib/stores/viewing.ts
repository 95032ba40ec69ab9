/** How somebody likes films shown. It is kept by the browser, so it is read as what anybody may have written. */

import type { DeliveryMode } from '../api/types';

export type Size = 'small' | 'medium' | 'large';
/** Which part of the picture comments may fly over, from the top. */
export type Area = 0.25 | 0.5 | 0.75 | 1;

export interface SubtitleWishes {
  readonly on: boolean;
  /** BCP 47 of the track chosen last; null takes the one that the film calls its default. */
  readonly language: string | null;
  readonly size: Size;
  /** Seconds by which a track is shown later, by `item/track`; the newest last. */
  readonly offsets: readonly (readonly [string, number])[];
}

export interface DanmakuWishes {
  /** Null until somebody chooses: then motion is shown to whom it does not disturb. */
  readonly on: boolean | null;
  readonly area: Area;
  /** 1 crosses the picture in eight seconds. */
  readonly speed: number;
  readonly opacity: number;
  readonly blocked: readonly string[];
}

export interface Viewing {
  readonly mode: DeliveryMode;
  /** Lines of the version that was chosen last; null takes the one that stands first. */
  readonly height: number | null;
  /** Lines of the quality inside an adaptive stream; null is automatic. */
  readonly levelHeight: number | null;
  readonly audioLanguage: string | null;
  readonly subtitles: SubtitleWishes;
  readonly danmaku: DanmakuWishes;
}

export const SIZES: readonly Size[] = ['small', 'medium', 'large'];
export const AREAS: readonly Area[] = [0.25, 0.5, 0.75, 1];
export const MODES: readonly DeliveryMode[] = ['auto', 'proxy_preferred', 'direct_preferred'];
export const LEAST_SPEED = 0.5;
export const MOST_SPEED = 2;
export const LEAST_OPACITY = 0.2;
export const MOST_OFFSET_S = 60;
const MOST_BLOCKED = 100;
const LONGEST_WORD = 40;
const KEPT_OFFSETS = 50;

export const DEFAULT_VIEWING: Viewing = {
  mode: 'auto',
  height: null,
  levelHeight: null,
  audioLanguage: null,
  subtitles: { on: true, language: null, size: 'medium', offsets: [] },
  danmaku: { on: null, area: 0.5, speed: 1, opacity: 0.9, blocked: [] },
};

type Loose<T> = Partial<Record<keyof T, unknown>>;

export function viewingFrom(value: unknown): Viewing {
  const { mode, height, levelHeight, audioLanguage, subtitles, danmaku } = loose<Viewing>(value);
  return {
    mode: oneOf(MODES, mode, DEFAULT_VIEWING.mode),
    height: linesOrNull(height),
    levelHeight: linesOrNull(levelHeight),
    audioLanguage: textOrNull(audioLanguage),
    subtitles: subtitlesFrom(loose<SubtitleWishes>(subtitles)),
    danmaku: danmakuFrom(loose<DanmakuWishes>(danmaku)),
  };
}

function subtitlesFrom({ on, language, size, offsets }: Loose<SubtitleWishes>): SubtitleWishes {
  const kept: SubtitleWishes = {
    on: on !== false,
    language: textOrNull(language),
    size: oneOf(SIZES, size, DEFAULT_VIEWING.subtitles.size),
    offsets: [],
  };
  const pairs = Array.isArray(offsets) ? (offsets as readonly unknown[]) : [];
  return pairs.filter(isOffset).reduce((wishes, [track, offset]) => withOffset(wishes, track, offset), kept);
}

function danmakuFrom({ on, area, speed, opacity, blocked }: Loose<DanmakuWishes>): DanmakuWishes {
  const usual = DEFAULT_VIEWING.danmaku;
  return {
    on: typeof on === 'boolean' ? on : null,
    area: oneOf(AREAS, area, usual.area),
    speed: between(speed, LEAST_SPEED, MOST_SPEED, usual.speed),
    opacity: between(opacity, LEAST_OPACITY, 1, usual.opacity),
    blocked: Array.isArray(blocked) ? wordsIn(blocked.filter((word) => typeof word === 'string').join('\n')) : [],
  };
}

/** Seconds by which a track is shown later. */
export function offsetOf({ offsets }: SubtitleWishes, track: string): number {
  return offsets.find(([name]) => name === track)?.[1] ?? 0;
}

export function withOffset(wishes: SubtitleWishes, track: string, offset: number): SubtitleWishes {
  const others = wishes.offsets.filter(([name]) => name !== track);
  const bounded = Math.min(MOST_OFFSET_S, Math.max(-MOST_OFFSET_S, offset));
  const offsets = bounded === 0 ? others : [...others, [track, bounded] as const].slice(-KEPT_OFFSETS);
  return { ...wishes, offsets };
}

/** The words that somebody wrote, separated by commas or lines; each once, and only so many. */
export function wordsIn(text: string): readonly string[] {
  const words = text.split(/[\n,，、]/).map((word) => word.trim().slice(0, LONGEST_WORD));
  return [...new Set(words.filter((word) => word !== ''))].slice(0, MOST_BLOCKED);
}

function loose<T>(value: unknown): Loose<T> {
  return typeof value === 'object' && value !== null ? value : {};
}

function oneOf<T>(known: readonly T[], value: unknown, usual: T): T {
  return known.find((one) => one === value) ?? usual;
}

function between(value: unknown, least: number, most: number, usual: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : usual;
}

function linesOrNull(value: unknown): number | null {
  return typeof value === 'number' && value > 0 ? value : null;
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_WORD ? value : null;
}

function isOffset(value: unknown): value is readonly [string, number] {
  return Array.isArray(value) && typeof value[0] === 'string' && Number.isFinite(value[1]);
}
