/** FLV and MPEG transport streams through mpegts.js. */

import Mpegts from 'mpegts.js';
import type { Variant } from '../../api/types';
import type { SourceTrouble } from '../delivery';
import type { Attach } from '../engine';
import { statusIn, unload, watchErrors } from './element';

Mpegts.LoggingControl.enableAll = false;

export function mpegts({ url, container, live }: Variant): Attach {
  return ({ video, startAt, onTrouble }) => {
    const unwatch = watchErrors(video, onTrouble);
    const isLive = live || startAt === null;
    const engine = Mpegts.createPlayer(
      { type: container === 'flv' ? 'flv' : 'mpegts', url: new URL(url, location.href).href, isLive },
      {
        enableWorker: true,
        autoCleanupSourceBuffer: true,
        accurateSeek: true,
        // Who fell behind a live stream catches up by a rate that is hardly heard.
        liveSync: isLive,
        liveSyncMaxLatency: 6,
        liveSyncTargetLatency: 3,
        liveSyncPlaybackRate: 1.1,
      },
    );
    engine.on(Mpegts.Events.ERROR, (type: string, detail: string, info?: { code?: number }) =>
      onTrouble(troubleIn(type, detail, info)),
    );
    // A live stream that ends, or whose server lets go, has nothing more to come.
    engine.on(Mpegts.Events.LOADING_COMPLETE, () => isLive && onTrouble({ kind: 'network', status: null }));
    engine.attachMediaElement(video);
    engine.load();
    return {
      chooseLevel: () => undefined,
      chooseAudio: () => undefined,
      chooseText: () => null,
      release() {
        unwatch();
        engine.destroy();
        unload(video);
      },
    };
  };
}

function troubleIn(type: string, detail: string, info?: { code?: number }): SourceTrouble {
  if (type !== Mpegts.ErrorTypes.NETWORK_ERROR) return { kind: 'format', status: null };
  const refused = detail === Mpegts.ErrorDetails.NETWORK_STATUS_CODE_INVALID;
  return { kind: 'network', status: refused ? statusIn(info?.code) : null };
}
