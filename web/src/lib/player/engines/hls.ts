/** HLS through hls.js. */

import Hls, { ErrorDetails, ErrorTypes, Events, type ErrorData } from 'hls.js';
import type { Variant } from '../../api/types';
import type { SourceTrouble } from '../delivery';
import type { Attach, EngineHost, InnerTrack, Tracks } from '../engine';
import { GatheredCues } from '../subtitles/inside';
import { statusIn, unload } from './element';

const RECOVER_AGAIN_MS = 10_000;
const FORMAT_DETAILS: ReadonlySet<string> = new Set([
  ErrorDetails.MANIFEST_PARSING_ERROR,
  ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR,
  ErrorDetails.LEVEL_PARSING_ERROR,
]);

export function hls({ url }: Variant): Attach {
  return (host) => {
    const engine = new Hls({
      enableWorker: true,
      backBufferLength: 60,
      // The page draws subtitles.
      renderTextTracksNatively: false,
      startPosition: host.startAt ?? -1,
      // Who was paused comes back to what is live: more than ten segments behind is too far.
      liveSyncDurationCount: 3,
      liveMaxLatencyDurationCount: 10,
    });
    const texts = new Texts(engine);
    recover(engine, host);
    tell(engine, host);
    engine.loadSource(url);
    engine.attachMedia(host.video);
    return {
      // Takes effect with the next segment: what is buffered is played.
      chooseLevel: (id) => (engine.nextLevel = id === null ? -1 : Number(id)),
      chooseAudio: (id) => (engine.audioTrack = Number(id)),
      chooseText(id) {
        engine.subtitleTrack = id === null ? -1 : Number(id);
        return id === null ? null : texts.of(Number(id));
      },
      release() {
        engine.destroy();
        unload(host.video);
      },
    };
  };
}

/** Media errors are recovered from now and then; network errors have been retried by the engine already. */
function recover(engine: Hls, { onTrouble }: EngineHost): void {
  let recoveredAt = -Infinity;
  engine.on(Events.ERROR, (_event, data) => {
    if (!data.fatal) return;
    const now = performance.now();
    const recoverable = data.type === ErrorTypes.MEDIA_ERROR && !FORMAT_DETAILS.has(data.details);
    if (recoverable && now - recoveredAt > RECOVER_AGAIN_MS) {
      recoveredAt = now;
      engine.recoverMediaError();
    } else {
      onTrouble(troubleIn(data));
    }
  });
}

function troubleIn({ type, details, response, url, frag }: ErrorData): SourceTrouble {
  const network = type === ErrorTypes.NETWORK_ERROR && !FORMAT_DETAILS.has(details);
  return {
    kind: network ? 'network' : 'format',
    status: statusIn(response?.code),
    url: response?.url ?? url ?? frag?.url,
  };
}

/** The cues of each subtitle track so far. */
class Texts {
  readonly #gathered = new Map<number, GatheredCues>();

  constructor(engine: Hls) {
    engine.on(Events.CUES_PARSED, (_event, { type, cues, subtitleTrack }) => {
      if (type !== 'subtitles' || subtitleTrack === undefined) return;
      this.of(subtitleTrack.id).add(cues as readonly TextTrackCue[]);
    });
  }

  of(track: number): GatheredCues {
    const gathered = this.#gathered.get(track) ?? new GatheredCues();
    this.#gathered.set(track, gathered);
    return gathered;
  }
}

function tell(engine: Hls, { onTracks }: EngineHost): void {
  const changed = () => onTracks(tracksOf(engine));
  const events = [
    Events.MANIFEST_PARSED,
    Events.LEVELS_UPDATED,
    Events.LEVEL_SWITCHED,
    Events.AUDIO_TRACKS_UPDATED,
    Events.AUDIO_TRACK_SWITCHED,
  ] as const;
  for (const event of events) engine.on(event, changed);
  // The engine chooses right after it has told: what is chosen here comes after that.
  engine.on(Events.SUBTITLE_TRACKS_UPDATED, () => queueMicrotask(changed));
}

function tracksOf(engine: Hls): Tracks {
  const levels = engine.levels.map(({ height, bitrate }, index) => ({
    id: String(index),
    height: height || null,
    bitrate: bitrate || null,
  }));
  return {
    levels: levels.sort((a, b) => (b.height ?? 0) - (a.height ?? 0) || (b.bitrate ?? 0) - (a.bitrate ?? 0)),
    level: engine.autoLevelEnabled ? null : String(engine.loadLevel),
    playing: engine.currentLevel < 0 ? null : String(engine.currentLevel),
    audio: engine.audioTracks.map(innerTrack),
    audioId: engine.audioTrack < 0 ? null : String(engine.audioTrack),
    texts: engine.subtitleTracks.map(innerTrack),
  };
}

function innerTrack({ name, lang }: { name: string; lang?: string | undefined }, index: number): InnerTrack {
  return { id: String(index), label: name, language: lang ?? null };
}
