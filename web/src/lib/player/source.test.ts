import { describe, expect, it } from 'vitest';
import type { Variant } from '../api/types';
import { CHROMIUM, IPHONE, bothWays, variant } from './fixtures';
import { chooseSource, inOrder, playableSources, versionOf } from './source';

function ids(variants: readonly Variant[], wish = {}): readonly string[] {
  const sources = playableSources(variants, CHROMIUM);
  return inOrder(sources, { variantId: null, height: null, ...wish }).map((source) => source.variant.id);
}

describe('chooseSource', () => {
  it.each([
    ['mp4', 'native'],
    ['hls', 'hls'],
    ['dash', 'dash'],
    ['flv', 'mpegts'],
    ['mpegts', 'mpegts'],
  ])('plays %s by the engine %s', (container, engine) => {
    expect(chooseSource([variant('film', { container })], CHROMIUM)?.engine).toBe(engine);
  });
  it('leaves HLS to a browser that has nothing else', () => {
    expect(chooseSource([variant('film', { container: 'hls' })], IPHONE)?.engine).toBe('native');
  });
  it('knows a manifest by its address when nobody named the container', () => {
    const engine = (url: string) => chooseSource([variant('film', { container: '', url })], CHROMIUM)?.engine;
    expect(engine('https://example.org/live.m3u8?key=a.mp4')).toBe('hls');
    expect(engine('https://example.org/live.MPD#t=1')).toBe('dash');
    expect(engine('https://example.org/watch')).toBe('native');
  });
  it('takes the first variant that can be played', () => {
    expect(chooseSource([variant('a', { container: 'mkv' }), variant('b')], CHROMIUM)?.variant.id).toBe('b');
    expect(chooseSource([variant('a', { container: 'flv' }), variant('b')], IPHONE)?.variant.id).toBe('b');
  });
  it('passes over codecs that the browser does not have', () => {
    const variants = [
      variant('h265', { codecs: 'hvc1.1.6.L93.B0,mp4a.40.2' }),
      variant('h264', { codecs: 'avc1.640028' }),
    ];
    expect(chooseSource(variants, CHROMIUM)?.variant.id).toBe('h264');
    expect(chooseSource(variants, IPHONE)?.variant.id).toBe('h265');
  });
  it('passes over what a secure page may not load, and over what needs headers', () => {
    const insecure = variant('insecure', { url: 'http://example.org/film.mp4' });
    const picky = variant('picky', { headers: { Referer: 'https://example.org' } });
    const proxied = variant('proxied', { url: '/media/v1/x', delivery: 'proxy', headers: { Referer: 'x' } });
    expect(ids([insecure, picky, proxied])).toEqual(['proxied']);
    expect(chooseSource([insecure], { ...CHROMIUM, secure: false })?.variant.id).toBe('insecure');
    expect(ids([variant('here', { url: 'http://127.0.0.1:9/film.mp4' })])).toEqual(['here']);
  });
  it('finds nothing among what it cannot play', () => {
    expect(chooseSource([variant('a', { container: 'flv' }), variant('b', { container: 'dash' })], IPHONE)).toBeNull();
  });
});

describe('inOrder', () => {
  const variants = [
    ...bothWays('high', { height: 1080 }),
    ...bothWays('mid', { height: 720 }),
    ...bothWays('low', { height: 360 }),
  ];

  it('keeps the order of the server without a wish', () => {
    expect(ids(variants)).toEqual(['high', 'high~proxy', 'mid', 'mid~proxy', 'low', 'low~proxy']);
  });
  it('tries the wished version first, by all its ways, and the others after it', () => {
    expect(ids(variants, { variantId: 'low' }).slice(0, 3)).toEqual(['low', 'low~proxy', 'high']);
    expect(ids(variants, { variantId: 'mid~proxy' }).slice(0, 2)).toEqual(['mid', 'mid~proxy']);
  });
  it('takes the best picture that is no larger than the wished one, or the smallest', () => {
    expect(ids(variants, { height: 800 })[0]).toBe('mid');
    expect(ids(variants, { height: 144 })[0]).toBe('low');
    expect(ids([variant('a'), variant('b')], { height: 144 })[0]).toBe('a');
  });
  it('lets the choice for this item go before the one for others', () => {
    expect(ids(variants, { variantId: 'low', height: 720 })[0]).toBe('low');
    expect(ids(variants, { variantId: 'gone', height: 720 })[0]).toBe('mid');
  });
});

describe('versionOf', () => {
  it('is the same by every way', () => {
    expect([versionOf({ id: 'high' }), versionOf({ id: 'high~proxy' })]).toEqual(['high', 'high']);
  });
});
