/**
 * The picture: Artplayer with its layers for subtitles and danmaku, and without its controls.
 *
 * Artplayer's own controls act on the element at once and for one viewer only. Here what a person wants goes to the
 * room first, so the controls are the page's own, and the element is moved by the sync driver alone.
 */

import Artplayer from 'artplayer';

Artplayer.LOG_VERSION = false;
Artplayer.CONTEXTMENU = false;
Artplayer.RECONNECT_TIME_MAX = 0;

export interface Surface {
  readonly video: HTMLVideoElement;
  destroy(): void;
}

export function createSurface(container: HTMLDivElement): Surface {
  const art = new Artplayer({
    container,
    url: '',
    volume: 1,
    hotkey: false,
    gesture: false,
    mutex: false,
    playsInline: true,
    backdrop: false,
    moreVideoAttr: { controls: false, preload: 'auto', disableRemotePlayback: true },
  });
  return {
    video: art.video,
    destroy: () => art.destroy(),
  };
}
