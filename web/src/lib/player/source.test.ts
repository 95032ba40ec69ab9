import { describe, expect, it } from 'vitest';
import { chooseSource } from './source';

const chromium = { nativeHls: false, mediaSource: true };
const iphone = { nativeHls: true, mediaSource: false };

function variant(container: string, url = `https://example.org/film.${container}`) {
  return { id: container, label: container, url, container };
}

describe('chooseSource', () => {
  it('plays files as they are', () => {
    expect(chooseSource([variant('mp4')], chromium)?.engine).toBe('native');
  });
  it('plays HLS through the engine where there are media sources', () => {
    expect(chooseSource([variant('hls')], chromium)?.engine).toBe('hls');
  });
  it('leaves HLS to a browser that has nothing else', () => {
    expect(chooseSource([variant('hls')], iphone)?.engine).toBe('native');
  });
  it('knows a playlist by its address when nobody named the container', () => {
    expect(chooseSource([variant('', 'https://example.org/live.m3u8?key=a.mp4')], chromium)?.engine).toBe('hls');
  });
  it('takes the first variant that can be played', () => {
    expect(chooseSource([variant('flv'), variant('mp4')], chromium)?.url).toBe('https://example.org/film.mp4');
  });
  it('finds nothing among what it cannot play', () => {
    expect(chooseSource([variant('flv'), variant('dash')], chromium)).toBeNull();
  });
});
