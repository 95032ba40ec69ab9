import { describe, expect, it } from 'vitest';
import { DEFAULT_VIEWING, offsetOf, viewingFrom, withOffset, wordsIn } from './viewing';

describe('viewingFrom', () => {
  it('brings back what was kept', () => {
    const kept = {
      mode: 'proxy_preferred',
      height: 720,
      levelHeight: 480,
      audioLanguage: 'ja',
      subtitles: { on: false, language: 'zh', size: 'large', offsets: [['a/b', -1.5]] },
      danmaku: { on: true, area: 1, speed: 1.5, opacity: 0.4, blocked: ['spoiler'] },
    };
    expect(viewingFrom(JSON.parse(JSON.stringify(kept)))).toEqual(kept);
  });
  it.each([
    undefined,
    null,
    'text',
    [],
    {
      mode: 'fastest',
      height: -1,
      levelHeight: 'x',
      audioLanguage: 7,
      subtitles: 'on',
      danmaku: { area: 3, speed: NaN, blocked: 'x' },
    },
    { subtitles: { offsets: [['a'], 1, null, ['b', 'later']] }, danmaku: { opacity: 'much', blocked: [7, null] } },
  ])('takes what makes no sense for nothing (%j)', (value) => {
    expect(viewingFrom(value)).toEqual(DEFAULT_VIEWING);
  });
  it('keeps numbers within what can be chosen', () => {
    const { danmaku, subtitles } = viewingFrom({
      danmaku: { speed: 9, opacity: -1 },
      subtitles: { offsets: [['a', 1e9]] },
    });
    expect([danmaku.speed, danmaku.opacity, offsetOf(subtitles, 'a')]).toEqual([2, 0.2, 60]);
  });
});

describe('offsets', () => {
  const { subtitles } = DEFAULT_VIEWING;

  it('are kept for each track, and not at all when there is none', () => {
    const moved = withOffset(withOffset(subtitles, 'a', 0.5), 'b', -2);
    expect([offsetOf(moved, 'a'), offsetOf(moved, 'b'), offsetOf(moved, 'c')]).toEqual([0.5, -2, 0]);
    expect(withOffset(withOffset(moved, 'a', 0), 'b', 0)).toEqual(subtitles);
  });
  it('are forgotten for the tracks that were moved longest ago', () => {
    let moved = subtitles;
    for (let i = 0; i < 60; i += 1) moved = withOffset(moved, `track ${i}`, 1);
    expect([moved.offsets.length, offsetOf(moved, 'track 9'), offsetOf(moved, 'track 59')]).toEqual([50, 0, 1]);
  });
});

describe('wordsIn', () => {
  it('takes words apart by commas and lines, each once', () => {
    expect(wordsIn(' spoiler, first\nfirst，剧透、,\n')).toEqual(['spoiler', 'first', '剧透']);
  });
  it('is bounded', () => {
    const words = wordsIn(Array.from({ length: 300 }, (_, i) => `${i}${'x'.repeat(90)}`).join(','));
    expect([words.length, words[0]?.length]).toEqual([100, 40]);
  });
});
