import { describe, expect, it } from 'vitest';
import { ServerClock, type TimeSample } from './clock';

const SERVER_AHEAD_MS = 1_763_000_000_000;

/** A probe whose way there and way back take the given times; `ahead` is the true offset. */
function probe(sentAt: number, there: number, back: number, ahead = SERVER_AHEAD_MS): TimeSample {
  const arrived = sentAt + there + ahead;
  return {
    sentAt,
    serverReceived: arrived * 1000,
    serverSent: (arrived + 1) * 1000,
    receivedAt: sentAt + there + 1 + back,
  };
}

describe('ServerClock', () => {
  it('is not ready before the first answer', () => {
    expect(new ServerClock().ready).toBe(false);
  });

  it('finds the offset exactly when both ways take equally long', () => {
    const clock = new ServerClock();
    clock.add(probe(1000, 20, 20));
    expect(clock.offsetMs).toBeCloseTo(SERVER_AHEAD_MS, 2);
    expect(clock.roundTripMs).toBeCloseTo(40, 2);
    expect(clock.nowMicros(5000)).toBeCloseTo((5000 + SERVER_AHEAD_MS) * 1000, -1);
    expect(clock.localMs(clock.nowMicros(5000))).toBeCloseTo(5000, 2);
  });

  it('trusts the probe with the smallest round trip over slow, lopsided ones', () => {
    const clock = new ServerClock();
    clock.add(probe(0, 90, 10));
    clock.add(probe(100, 2, 2));
    clock.add(probe(200, 150, 10));
    expect(clock.offsetMs).toBeCloseTo(SERVER_AHEAD_MS, 1);
  });

  it('approaches a small correction instead of jumping after the first burst', () => {
    const clock = new ServerClock();
    for (let i = 0; i < 16; i += 1) clock.add(probe(i * 50, 12, 10));
    const before = clock.offsetMs;
    clock.add(probe(1000, 2, 2));
    const moved = Math.abs(clock.offsetMs - before);
    expect(moved).toBeGreaterThan(0.1);
    expect(moved).toBeLessThan(0.5);
  });

  it('starts over when a clock was set or the device slept', () => {
    const clock = new ServerClock();
    for (let i = 0; i < 32; i += 1) clock.add(probe(i * 50, 5, 5));
    clock.add(probe(5000, 8, 8, SERVER_AHEAD_MS + 3000));
    expect(clock.offsetMs).toBeCloseTo(SERVER_AHEAD_MS + 3000, 1);
  });

  it('does not take a slow round trip for a changed clock', () => {
    const clock = new ServerClock();
    for (let i = 0; i < 32; i += 1) clock.add(probe(i * 50, 5, 5));
    clock.add(probe(5000, 1900, 10));
    expect(Math.abs(clock.offsetMs - SERVER_AHEAD_MS)).toBeLessThan(1);
  });

  it('follows a clock that runs slightly faster', () => {
    const clock = new ServerClock();
    const drift = (at: number) => SERVER_AHEAD_MS + at * 40e-6;
    let at = 0;
    for (; at < 600_000; at += 2500) clock.add(probe(at, 10, 10, drift(at)));
    expect(Math.abs(clock.offsetMs - drift(at))).toBeLessThan(2.5);
  });

  it('ignores an answer that came before its question', () => {
    const clock = new ServerClock();
    clock.add({ sentAt: 100, serverReceived: 0, serverSent: 0, receivedAt: 90 });
    expect(clock.ready).toBe(false);
  });
});
