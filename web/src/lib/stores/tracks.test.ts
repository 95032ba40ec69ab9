import { beforeEach, describe, expect, it } from 'vitest';
import type { Comment, SubtitleTrack } from '../api/types';
import { DanmakuStore } from './danmaku.svelte';
import { preferences } from './preferences.svelte';
import { SubtitlesStore } from './subtitles.svelte';
import { DEFAULT_VIEWING } from './viewing';

const settled = () => new Promise((resolve) => setTimeout(resolve));
const subtitle = (id: string, language: string, url = `/${id}`): SubtitleTrack => ({
  id,
  label: id,
  language,
  url,
  default: id === 'en',
});
const TRACKS = [subtitle('en', 'en'), subtitle('zh', 'zh-Hans')];
const vtt = (text: string) => `WEBVTT\n\n00:01.000 --> 00:02.000\n${text}`;
const saidAt = (store: SubtitlesStore, time: number) => store.cues?.at(time)[0]?.lines[0]?.[0]?.text;

beforeEach(() => {
  preferences.viewing = DEFAULT_VIEWING;
});

describe('SubtitlesStore', () => {
  it('begins with the default, and keeps the choice of a language for the next item', async () => {
    const store = new SubtitlesStore((url) => Promise.resolve(vtt(url)));
    store.offer('item', TRACKS);
    await settled();
    expect([store.chosenId, saidAt(store, 1.5)]).toEqual(['en', '/en']);
    store.choose('zh');
    store.offer('other', [...TRACKS, subtitle('ja', 'ja')]);
    await settled();
    expect([store.chosenId, saidAt(store, 1.5)]).toEqual(['zh', '/zh']);
  });
  it('is turned off and on again in the same language', () => {
    const store = new SubtitlesStore(() => Promise.resolve(vtt('x')));
    store.offer('item', TRACKS);
    store.choose('zh');
    store.toggle();
    expect([store.chosenId, store.cues]).toEqual([null, null]);
    store.toggle();
    expect(store.chosenId).toBe('zh');
  });
  it('keeps an offset with its track', () => {
    const store = new SubtitlesStore(() => Promise.resolve(vtt('x')));
    store.offer('item', TRACKS);
    store.offset += 0.5;
    store.offset += 0.5;
    store.choose('zh');
    expect(store.offset).toBe(0);
    store.choose('en');
    expect(store.offset).toBe(1);
    store.offer('other', TRACKS);
    expect(store.offset).toBe(0);
  });
  it('shows what was asked for last, whichever answer comes last', async () => {
    const answers: Record<string, (text: string) => void> = {};
    const store = new SubtitlesStore((url) => new Promise((resolve) => (answers[url] = resolve)));
    store.offer('item', TRACKS);
    store.choose('zh');
    answers['/zh']?.(vtt('second'));
    await settled();
    answers['/en']?.(vtt('first'));
    await settled();
    expect(saidAt(store, 1.5)).toBe('second');
  });
  it('says when a track can not be had or says nothing, and asks again with a new address', async () => {
    const store = new SubtitlesStore((url) =>
      url === '/new' ? Promise.resolve(vtt('x')) : Promise.reject(new Error('gone')),
    );
    store.offer('item', TRACKS);
    await settled();
    expect(store.failed).toBe(true);
    store.offer('item', [subtitle('en', 'en', '/new')]);
    await settled();
    expect([store.failed, saidAt(store, 1.5)]).toEqual([false, 'x']);
  });
  it('asks for nothing when only addresses change', async () => {
    let asked = 0;
    const store = new SubtitlesStore(() => {
      asked += 1;
      return Promise.resolve(vtt('x'));
    });
    store.offer('item', TRACKS);
    await settled();
    store.offer('item', [subtitle('en', 'en', '/new')]);
    await settled();
    expect(asked).toBe(1);
  });
});

describe('subtitles inside a source', () => {
  const inside = (...languages: string[]) => {
    const chosen: (string | null)[] = [];
    const tracks = languages.map((language, i) => ({ id: String(i), label: language, language }));
    const choose = (id: string | null) => {
      chosen.push(id);
      return id === null ? null : { at: () => [] };
    };
    return { chosen, offered: { tracks, choose } };
  };

  it('stand behind those of the playable, and are chosen by the language that is liked', () => {
    preferences.viewing = { ...DEFAULT_VIEWING, subtitles: { ...DEFAULT_VIEWING.subtitles, language: 'ja' } };
    const store = new SubtitlesStore(() => Promise.resolve(vtt('x')));
    store.offer('item', []);
    const { chosen, offered } = inside('en', 'ja');
    store.offerInside(offered);
    expect([store.tracks.map(({ id }) => id), store.chosenId, chosen]).toEqual([
      ['inside:0', 'inside:1'],
      'inside:1',
      ['1'],
    ]);
    expect(store.cues).not.toBeNull();
  });
  it('are chosen again when the source was exchanged, and not when they are only told again', () => {
    const store = new SubtitlesStore(() => Promise.resolve(vtt('x')));
    store.offer('item', []);
    store.offerInside(inside('en', 'ja').offered);
    store.choose('inside:1');
    store.offerInside(null);
    const { chosen, offered } = inside('en', 'ja');
    store.offerInside(offered);
    store.offerInside(offered);
    expect([store.chosenId, chosen]).toEqual(['inside:1', ['1']]);
  });
  it('leave alone what somebody turned off or chose', () => {
    const store = new SubtitlesStore(() => Promise.resolve(vtt('x')));
    store.offer('item', TRACKS);
    store.choose('zh');
    const { chosen, offered } = inside('zh-Hans');
    store.offerInside(offered);
    expect([store.chosenId, chosen]).toEqual(['zh', [null]]);
    store.choose(null);
    store.offerInside(null);
    store.offerInside(inside('en').offered);
    expect(store.chosenId).toBeNull();
  });
});

describe('DanmakuStore', () => {
  const COMMENTS: Comment[] = [{ time: 1, mode: 'scroll', color: 0, text: 'hi' }];
  const track = (url: string) => [{ id: 'all', label: 'All', url }];

  it('fetches nothing until it is wanted, and then once', async () => {
    const asked: string[] = [];
    const store = new DanmakuStore(
      (url) => {
        asked.push(url);
        return Promise.resolve(COMMENTS);
      },
      () => true,
    );
    store.offer('item', track('/a'));
    expect([store.on, asked]).toEqual([false, []]);
    store.toggle();
    store.offer('item', track('/b'));
    store.change({ speed: 2 });
    await settled();
    expect([store.on, asked, store.comments]).toEqual([true, ['/a'], COMMENTS]);
  });
  it('forgets the comments of another item at once', async () => {
    const store = new DanmakuStore(
      () => Promise.resolve(COMMENTS),
      () => false,
    );
    store.offer('item', track('/a'));
    await settled();
    store.offer('other', []);
    expect([store.on, store.comments]).toEqual([true, []]);
  });
  it('says when there was no answer, and tries again', async () => {
    let down = true;
    const store = new DanmakuStore(
      () => (down ? Promise.reject(new Error('down')) : Promise.resolve(COMMENTS)),
      () => false,
    );
    store.offer('item', track('/a'));
    await settled();
    expect(store.failed).toBe(true);
    down = false;
    store.retry();
    await settled();
    expect([store.failed, store.comments]).toEqual([false, COMMENTS]);
  });
});
