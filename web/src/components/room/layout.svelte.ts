/** What of a room is open, and what keys do. */

import type { RoomStore } from '../../lib/stores/room.svelte';
import type { Shortcut } from '../../lib/stores/shortcuts';

export type Tab = 'chat' | 'queue' | 'people' | 'settings';

export class RoomLayout {
  panelOpen = $state(true);
  tab = $state<Tab>('chat');
  keysOpen = $state(false);
  fullscreen = $state(false);
  stage: HTMLElement | null = null;
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
      case 'help':
        this.keysOpen = true;
        break;
    }
  }
}
