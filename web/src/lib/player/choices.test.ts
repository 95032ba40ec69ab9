import { describe, expect, it } from 'vitest';
import type { SubtitleTrack } from '../api/types';
import { inLanguage, languageName, levelFor, subtitleToBegin, versionsIn } from './choices';
import { CHROMIUM, bothWays } from './fixtures';
import { playableSources } from './source';

const subtitle = (id: string, language: string | null, isDefault = false): SubtitleTrack => ({
  id,
  label: id,
  language,
  url: `/media/v1/${id}`,
  default: isDefault,
});

describe('versionsIn', () => {
  it('names each version once', () => {
    const sources = playableSources([...bothWays('high'), ...bothWays('low')], CHROMIUM);
    expect(versionsIn(sources).map(({ id }) => id)).toEqual(['high', 'low']);
  });
});

describe('levelFor', () => {
  const levels = [1080, 720, 360].map((height) => ({ id: String(height), height, bitrate: null }));

  it('takes the best that is not larger, else the smallest', () => {
    expect([2160, 720, 700, 144].map((height) => levelFor(levels, height)?.id)).toEqual(['1080', '720', '360', '360']);
  });
  it('takes none where there is only sound', () => {
    expect(levelFor([{ id: '0', height: null, bitrate: 64_000 }], 720)).toBeNull();
  });
});

describe('inLanguage', () => {
  const tracks = [subtitle('a', 'en'), subtitle('b', 'zh-Hant'), subtitle('c', 'zh-Hans'), subtitle('d', 'jpn')];

  it('prefers the whole tag, and makes do with its first part', () => {
    expect(['zh-hans', 'zh', 'en-GB', 'ja', 'fr', null].map((tag) => inLanguage(tracks, tag)?.id)).toEqual([
      'c',
      'b',
      'a',
      'd',
      undefined,
      undefined,
    ]);
  });
});

describe('subtitleToBegin', () => {
  const tracks = [subtitle('a', 'en'), subtitle('b', 'zh', true)];

  it('is the one in the language chosen last, else the default, else none', () => {
    expect(subtitleToBegin(tracks, { on: true, language: 'en' })?.id).toBe('a');
    expect(subtitleToBegin(tracks, { on: true, language: 'fr' })?.id).toBe('b');
    expect(subtitleToBegin(tracks.slice(0, 1), { on: true, language: null })).toBeNull();
    expect(subtitleToBegin(tracks, { on: false, language: 'en' })).toBeNull();
  });
});

describe('languageName', () => {
  it('is what people say, and none where a tag means nothing', () => {
    const names = ['ja', 'jpn', 'zh-Hans'].map((tag) => languageName(tag, 'en'));
    expect(names).toEqual(['Japanese', 'Japanese', 'Simplified Chinese']);
    expect([null, 'und', 'not a tag', 'zz-zzz-zzzz'].map((tag) => languageName(tag, 'en'))).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });
});
