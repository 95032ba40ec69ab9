import { describe, expect, it } from 'vitest';
import { MediaClock } from './mediaClock';

describe('MediaClock', () => {
  it('uses an interpolated currentTime as it is', () => {
    const clock = new MediaClock();
    for (let at = 0; at < 2000; at += 40) {
      clock.frame({ mediaTime: at / 1000, shownAt: at + 10, currentTime: at / 1000, reportedAt: at });
      expect(clock.read(at + 20, (at + 20) / 1000, 1, true)).toBe((at + 20) / 1000);
    }
  });

  it('carries the time on from the last frame where currentTime moves in steps', () => {
    const clock = new MediaClock();
    let read = 0;
    for (let at = 0; at < 2000; at += 40) {
      clock.frame({ mediaTime: at / 1000, shownAt: at, currentTime: at / 1000, reportedAt: at });
      read = clock.read(at + 20, at / 1000, 1.5, true);
    }
    expect(read).toBeCloseTo(1.96 + 0.03, 6);
  });

  it('falls back to currentTime when frames stop being reported', () => {
    const clock = new MediaClock();
    for (let at = 0; at < 2000; at += 40) {
      clock.frame({ mediaTime: at / 1000, shownAt: at, currentTime: at / 1000, reportedAt: at });
      clock.read(at + 20, at / 1000, 1, true);
    }
    expect(clock.read(9000, 8.5, 1, true)).toBe(8.5);
  });

  it('uses currentTime while the element is not moving', () => {
    const clock = new MediaClock();
    clock.frame({ mediaTime: 3, shownAt: 0, currentTime: 3, reportedAt: 0 });
    expect(clock.read(100, 3.04, 1, false)).toBe(3.04);
  });
});
