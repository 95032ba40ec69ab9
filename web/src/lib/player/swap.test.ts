import { describe, expect, it } from 'vitest';
import { rangesOf, worthSwap, type Situation } from './swap';

const SITUATION: Situation = { position: 100, duration: 200, playing: true, rate: 1, buffered: [] };

describe('worthSwap', () => {
  it('is not so when the film ends before the address does', () => {
    expect(worthSwap(SITUATION, 99_000)).toBe(true);
    expect(worthSwap(SITUATION, 100_000)).toBe(false);
    expect(worthSwap({ ...SITUATION, rate: 2 }, 60_000)).toBe(false);
  });
  it('is so while paused: nobody knows for how long', () => {
    expect(worthSwap({ ...SITUATION, playing: false }, 100_000)).toBe(true);
  });
  it('is not so when all of the rest is here', () => {
    expect(
      worthSwap(
        {
          ...SITUATION,
          buffered: [
            [0, 20],
            [99, 199.9],
          ],
        },
        0,
      ),
    ).toBe(false);
    expect(worthSwap({ ...SITUATION, buffered: [[0, 150]] }, 0)).toBe(true);
  });
  it('is so for what is live, or has no known end', () => {
    expect(worthSwap({ ...SITUATION, position: null }, 1e9)).toBe(true);
    expect(worthSwap({ ...SITUATION, duration: null }, 1e9)).toBe(true);
  });
});

describe('rangesOf', () => {
  it('lists what an element has', () => {
    const ranges = { length: 2, start: (i: number) => i * 10, end: (i: number) => i * 10 + 5 };
    expect(rangesOf(ranges)).toEqual([
      [0, 5],
      [10, 15],
    ]);
    expect(rangesOf(undefined)).toEqual([]);
  });
});
