import { describe, expect, it } from 'vitest';
import { positionAt, type Timeline } from './target';

const playing: Timeline = { position: 10, rate: 1.5, playing: true, anchor: 1_000_000, duration: 100 };

describe('positionAt', () => {
  it('moves with the rate while playing', () => {
    expect(positionAt(playing, 3_000_000)).toBe(13);
  });
  it('stands still until an anchor in the future', () => {
    expect(positionAt(playing, 400_000)).toBe(10);
  });
  it('stands still while paused', () => {
    expect(positionAt({ ...playing, playing: false }, 9_000_000)).toBe(10);
  });
  it('ends at the duration where it is known', () => {
    expect(positionAt(playing, 1e12)).toBe(100);
    expect(positionAt({ ...playing, duration: null }, 101_000_000)).toBe(160);
  });
});
