/**
 * The picture: Artplayer with its layers, and without its controls.
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
  /** Leaves the present picture standing while the source behind it is exchanged. */
  hold(): void;
  /** Shows the element again. */
  letGo(): void;
  destroy(): void;
}

const HAVE_CURRENT_DATA = 2;
/** A still for a moment need not be sharper. */
const WIDEST_STILL = 1280;

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
  const still = stillOver(container);
  return {
    video: art.video,
    hold: () => draw(art.video, still),
    letGo: () => (still.hidden = true),
    destroy() {
      still.remove();
      art.destroy();
    },
  };
}

function stillOver(container: HTMLDivElement): HTMLCanvasElement {
  const still = document.createElement('canvas');
  still.className = 'still';
  still.hidden = true;
  container.append(still);
  return still;
}

function draw(video: HTMLVideoElement, still: HTMLCanvasElement): void {
  if (video.readyState < HAVE_CURRENT_DATA || video.videoWidth === 0) return;
  const scale = Math.min(1, WIDEST_STILL / video.videoWidth);
  still.width = video.videoWidth * scale;
  still.height = video.videoHeight * scale;
  still.getContext('2d')?.drawImage(video, 0, 0, still.width, still.height);
  still.hidden = false;
}
