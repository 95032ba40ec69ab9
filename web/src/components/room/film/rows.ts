/** The rows of the settings: what there is to choose for the film that plays, and what is chosen. */

import { t, type AnyKey } from '../../../lib/i18n/locale.svelte';
import { versionsIn } from '../../../lib/player/choices';
import { versionOf } from '../../../lib/player/source';
import type { PlayerStore } from '../../../lib/stores/player.svelte';
import { positionOf } from '../../../lib/stores/predict';
import type { RoomStore } from '../../../lib/stores/room.svelte';
import type { FilmPage } from '../layout.svelte';
import { audioNames, levelName } from './names';

export interface Row {
  readonly page: Exclude<FilmPage, 'menu'>;
  readonly name: string;
  readonly value: string;
}

/** The value of each row, in order; null where there is nothing to choose. */
const VALUES: Readonly<Record<Row['page'], (room: RoomStore) => string | null>> = {
  quality: ({ player }) => (hasQualities(player) ? qualityOf(player) : null),
  audio: ({ player }) => (player.tracks.audio.length > 1 ? audioOf(player) : null),
  subtitles: ({ player: { subtitles } }) =>
    subtitles.tracks.length > 0 ? (subtitles.chosen?.label ?? t('film.off')) : null,
  danmaku: ({ player: { danmaku } }) => (danmaku.tracks.length > 0 ? t(danmaku.on ? 'film.on' : 'film.off') : null),
  chapters: (room) => ((room.player.playable?.chapters.length ?? 0) > 0 ? chapterOf(room) : null),
  way: ({ player }) => t(`film.way.${player.mode}` as AnyKey),
  rate: (room) => (mayChangeRate(room) ? t('player.rateValue', { rate: room.playback.shown?.rate ?? 1 }) : null),
};

export function rowsOf(room: RoomStore): readonly Row[] {
  return (Object.keys(VALUES) as Row['page'][]).flatMap((page) => {
    const value = VALUES[page](room);
    return value === null ? [] : [{ page, name: t(`film.${page}`), value }];
  });
}

function mayChangeRate({ playback, rights }: RoomStore): boolean {
  return playback.shown?.item != null && playback.shown.item.kind !== 'live' && rights.control;
}

export function hasQualities({ sources, tracks }: PlayerStore): boolean {
  return versionsIn(sources).length > 1 || tracks.levels.length > 1;
}

function qualityOf({ sources, source, tracks: { levels, level, playing } }: PlayerStore): string {
  const seen = levels.find(({ id }) => id === (level ?? playing));
  if (levels.length > 1 && seen !== undefined) {
    const name = levelName(seen, levels);
    return level === null ? t('film.autoNow', { name }) : name;
  }
  const version = versionsIn(sources).find((one) => source !== null && versionOf(one) === versionOf(source.variant));
  return version?.label ?? '';
}

function audioOf({ tracks: { audio, audioId } }: PlayerStore): string {
  return audioNames(audio).find(({ value }) => value === audioId)?.name ?? '';
}

function chapterOf(room: RoomStore): string {
  const shown = room.playback.shown;
  const at = shown === null ? 0 : positionOf(shown, room.serverNow());
  return room.player.playable?.chapters.findLast(({ start }) => start <= at)?.title ?? '';
}
