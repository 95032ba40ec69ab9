import { describe, expect, it } from 'vitest';
import { playsCodec, profileText } from './abilities';
import { CHROMIUM, IPHONE } from './fixtures';

describe('profileText', () => {
  it('names containers, codecs, no headers, and the wished way', () => {
    expect(profileText(CHROMIUM, 'auto')).toBe(
      'aac,dash,flac,flv,hls,mp3,mp4,mpegts,ogg,wav,webm;av01,avc1,flac,mp4a,opus,vp09;;auto',
    );
  });
  it('offers no engine where there are no media sources', () => {
    expect(profileText(IPHONE, 'proxy_preferred')).toBe(
      'aac,flac,hls,mp3,mp4,wav;ac-3,avc1,ec-3,flac,hvc1,mp4a;;proxy_preferred',
    );
  });
});

describe('playsCodec', () => {
  it('asks for the family, by any of its names', () => {
    expect(['avc3.640028', 'hev1.1.6.L93.B0', 'vp9', 'ec-3'].map((codec) => playsCodec(codec, CHROMIUM))).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });
  it('gives what it has never heard of a try', () => {
    expect(playsCodec('theora', CHROMIUM)).toBe(true);
    expect(playsCodec('', CHROMIUM)).toBe(true);
  });
});
