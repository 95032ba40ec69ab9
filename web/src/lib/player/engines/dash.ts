/** DASH through dash.js. */

import { MediaPlayer, type MediaPlayerClass } from 'dashjs';
import type { Variant } from '../../api/types';
import type { SourceTrouble } from '../delivery';
import type { Attach, EngineHost, Tracks } from '../engine';
import { DashTexts, labelOf } from './dashTexts';
import { statusIn, unload, watchErrors } from './element';

/** Of the errors of dash.js: what the manifest is wrong with, and what can't be appended. */
const FORMAT_CODES: ReadonlySet<number> = new Set([10, 20, 23, 31, 32, 34, 35]);
const NETWORK_CODES: ReadonlySet<number> = new Set([11, 17, 25, 26, 27, 28, 29]);

interface DashError {
  readonly code: number | null;
  readonly data?: {
    readonly request?: { readonly mediaType?: string; readonly url?: string } | null;
    readonly response?: { readonly status?: number } | null;
  } | null;
}

export function dash({ url }: Variant): Attach {
  return (host) => {
    const { video, startAt, onTrouble } = host;
    const engine = MediaPlayer().create();
    engine.updateSettings({
      debug: { logLevel: 0 },
      streaming: {
        // The page draws subtitles.
        text: { defaultEnabled: false, dispatchForManualRendering: true },
        // A manifest that is refused stays refused; there may be another way to it.
        retryAttempts: { MPD: 1 },
        // The order of the manifest says more about what is meant than the bitrate does.
        selectionModeForInitialTrack: 'firstTrack',
        // What a viewer chose for one film is no wish for the next one; the page remembers by itself.
        lastBitrateCachingInfo: { enabled: false },
        lastMediaSettingsCachingInfo: { enabled: false },
      },
    });
    const unwatch = watchErrors(video, onTrouble);
    engine.on(MediaPlayer.events.ERROR, (event) => {
      const trouble = troubleIn((event as { error: DashError }).error);
      if (trouble !== null) onTrouble(trouble);
    });
    const texts = new DashTexts(engine, video, () => tell());
    const tell = tellTracks(engine, texts, host);
    engine.initialize(video, url, false, startAt ?? undefined);
    return {
      chooseLevel(id) {
        engine.updateSettings({ streaming: { abr: { autoSwitchBitrate: { video: id === null } } } });
        if (id !== null) engine.setRepresentationForTypeById('video', id);
        tell();
      },
      chooseAudio(id) {
        const track = engine.getTracksFor('audio')[Number(id)];
        if (track !== undefined) engine.setCurrentTrack(track);
        tell();
      },
      chooseText: (id) => texts.choose(id),
      release() {
        unwatch();
        engine.destroy();
        texts.release();
        unload(video);
      },
    };
  };
}

function troubleIn({ code, data }: DashError): SourceTrouble | null {
  // A film goes on without its subtitles.
  if (data?.request?.mediaType === 'text') return null;
  const status = statusIn(data?.response?.status);
  if (code !== null && FORMAT_CODES.has(code)) return { kind: 'format', status };
  const url = data?.request?.url;
  return code !== null && NETWORK_CODES.has(code) ? { kind: 'network', status, url } : null;
}

function tellTracks(engine: MediaPlayerClass, texts: DashTexts, { onTracks }: EngineHost): () => void {
  let ready = false;
  const tell = () => ready && onTracks({ ...tracksOf(engine), texts: texts.tracks });
  const { STREAM_INITIALIZED, QUALITY_CHANGE_RENDERED, TRACK_CHANGE_RENDERED } = MediaPlayer.events;
  engine.on(STREAM_INITIALIZED, () => {
    ready = true;
    tell();
  });
  for (const event of [QUALITY_CHANGE_RENDERED, TRACK_CHANGE_RENDERED]) engine.on(event, tell);
  return tell;
}

function tracksOf(engine: MediaPlayerClass): Omit<Tracks, 'texts'> {
  const levels = engine.getRepresentationsByType('video').map(({ id, height, bandwidth }) => ({
    id,
    height: height || null,
    bitrate: bandwidth || null,
  }));
  const playing = engine.getCurrentRepresentationForType('video')?.id ?? null;
  const automatic = engine.getSettings().streaming?.abr?.autoSwitchBitrate?.video ?? true;
  const audio = engine.getTracksFor('audio');
  const current = engine.getCurrentTrackFor('audio');
  const heard = audio.findIndex((track) => track.index === current?.index && track.id === current.id);
  return {
    levels: levels.sort((a, b) => (b.bitrate ?? 0) - (a.bitrate ?? 0)),
    level: automatic ? null : playing,
    playing,
    audio: audio.map((track, index) => ({ id: String(index), label: labelOf(track), language: track.lang ?? null })),
    audioId: heard < 0 ? null : String(heard),
  };
}
