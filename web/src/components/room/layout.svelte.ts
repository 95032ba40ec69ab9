/** What of a room is open, and what keys do. */

import { t } from '../../lib/i18n/locale.svelte';
import type { RoomStore } from '../../lib/stores/room.svelte';
import type { Shortcut } from '../../lib/stores/shortcuts';

export type Tab = 'chat' | 'queue' | 'people' | 'settings';

/** A page of the settings of the player. */
export type FilmPage = 'menu' | 'rate' | 'quality' | 'audio' | 'subtitles' | 'danmaku' | 'chapters' | 'way';

export class RoomLayout {
  panelOpen = $state(true);
  tab = $state<Tab>('chat');
  keysOpen = $state(false);
  fullscreen = $state(false);
  /** Null while they are closed. */
  filmPage = $state<FilmPage | null>(null);
  stage: HTMLElement | null = null;
  /** Set by the settings of the player; shows a page of them. */
  openFilm: ((page: FilmPage) => void) | null = null;
  /** Set by what is open; puts the cursor there. */
  focusChat: (() => void) | null = null;

  show(tab: Tab): void {
    this.panelOpen = true;
    this.tab = tab;
  }

  /** Where elements can't be shown in full screen, as on iPhones, the video itself is. */
  async toggleFullscreen(room: RoomStore): Promise<void> {
    if (document.fullscreenElement !== null) {
      await document.exitFullscreen();
    } else if (this.stage !== null && 'requestFullscreen' in this.stage) {
      await this.stage.requestFullscreen();
    } else {
      const video = room.player.video as (HTMLVideoElement & { webkitEnterFullscreen?: () => void }) | null;
      video?.webkitEnterFullscreen?.();
    }
  }

  /** Says what it did: who used a key sees no button change. */
  toggleSubtitles({ player: { subtitles }, notices }: RoomStore): void {
    if (subtitles.tracks.length === 0) return notices.say(t('film.noSubtitles'));
    subtitles.toggle();
    const { chosen } = subtitles;
    notices.say(chosen === null ? t('film.subtitlesOff') : t('film.subtitlesOn', { name: chosen.label }));
  }

  toggleDanmaku({ player: { danmaku }, notices }: RoomStore): void {
    if (danmaku.tracks.length === 0) return notices.say(t('film.noDanmaku'));
    danmaku.toggle();
    notices.say(t(danmaku.on ? 'film.danmakuOn' : 'film.danmakuOff'));
  }

  run(shortcut: Shortcut, room: RoomStore): void {
    switch (shortcut.kind) {
      case 'toggle':
        room.togglePlaying();
        break;
      case 'seek':
        room.seekBy(shortcut.by);
        break;
      case 'volume':
        room.player.setVolume(room.player.volume + shortcut.by);
        break;
      case 'mute':
        room.player.setMuted(!room.player.muted);
        break;
      case 'fullscreen':
        void this.toggleFullscreen(room);
        break;
      case 'chat':
        this.show('chat');
        // The input may only exist after the panel has opened.
        setTimeout(() => this.focusChat?.());
        break;
      case 'next':
      case 'previous':
        room.command({ kind: shortcut.kind });
        break;
      case 'subtitles':
        this.toggleSubtitles(room);
        break;
      case 'danmaku':
        this.toggleDanmaku(room);
        break;
      case 'help':
        this.keysOpen = true;
        break;
    }
  }
}
