import { describe, expect, it } from 'vitest';
import type { Comment } from '../../api/types';
import { FrameClock } from './frameClock';
import { MOST_FLYING, Sky } from './sky';

const STAGE = { width: 800, height: 400, rowHeight: 40, area: 1, speed: 1 };

function comment(time: number, change: Partial<Comment> = {}): Comment {
  return { time, mode: 'scroll', color: 0xffffff, text: `at ${time}`, ...change };
}

/** A sky whose texts are all 100 pixels wide, at `time` with nothing flying yet. */
function sky(comments: readonly Comment[], time = 0, stage = STAGE): Sky {
  const made = new Sky(() => 100);
  made.resize(stage);
  made.show(comments);
  made.advance(time);
  return made;
}

const texts = (made: Sky) => made.flying.map((flying) => flying.comment.text);

describe('Sky', () => {
  it('starts comments at their time, and ends them when they have crossed', () => {
    const made = sky([comment(1), comment(2)]);
    made.advance(1);
    expect(texts(made)).toEqual(['at 1']);
    for (let time = 2; time < 9; time += 1) made.advance(time);
    expect(texts(made)).toEqual(['at 1', 'at 2']);
    made.advance(9);
    expect(texts(made)).toEqual(['at 2']);
  });
  it('moves them with the time of the film, from edge to edge', () => {
    const made = sky([comment(1)]);
    const x = (time: number) => {
      made.advance(time);
      return made.flying.map((flying) => Math.round(made.placeOf(flying).x));
    };
    expect(x(1)).toEqual([800]);
    expect(x(2)).toEqual([688]);
    expect(x(2)).toEqual([688]);
    for (let time = 3; time < 8.9; time += 1) x(time);
    expect(x(8.999)).toEqual([-100]);
  });
  it('is faster when somebody wants it so', () => {
    const made = sky([comment(1)], 0, { ...STAGE, speed: 2 });
    for (let time = 1; time < 5; time += 1) made.advance(time);
    expect(texts(made)).toEqual(['at 1']);
    made.advance(5);
    expect(texts(made)).toEqual([]);
  });
  it('puts what would run into another one on the next row, and leaves out what finds none', () => {
    const made = sky(Array.from({ length: 12 }, () => comment(1)));
    made.advance(1);
    expect(made.flying.map(({ row }) => row)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
  it('lets one follow another on the same row once there is room', () => {
    const made = sky([comment(1), comment(1.5), comment(2.1)]);
    for (const time of [1, 2, 3]) made.advance(time);
    expect(made.flying.map(({ row }) => row)).toEqual([0, 1, 0]);
  });
  it('lets a long one not run into a short one before it', () => {
    const made = new Sky((text) => (text === 'long' ? 1600 : 100));
    made.resize(STAGE);
    made.show([comment(1), comment(2.5, { text: 'long' })]);
    for (const time of [0, 1, 2, 3]) made.advance(time);
    expect(made.flying.map(({ row }) => row)).toEqual([0, 1]);
  });
  it('keeps standing ones in the middle, at the top or at the bottom of the area', () => {
    const made = sky([comment(1, { mode: 'top' }), comment(1, { mode: 'bottom' })], 0, { ...STAGE, area: 0.5 });
    made.advance(1);
    expect(made.flying.map((flying) => made.placeOf(flying))).toEqual([
      { x: 350, y: 0 },
      { x: 350, y: 160 },
    ]);
    for (const time of [2, 3, 4, 5, 5.6]) made.advance(time);
    expect(texts(made)).toEqual([]);
  });
  it('shows no heap after a seek, in either direction', () => {
    const made = sky([comment(1), comment(20), comment(30), comment(31)]);
    made.advance(1);
    made.advance(30.5);
    expect(texts(made)).toEqual([]);
    made.advance(31);
    expect(texts(made)).toEqual(['at 31']);
    made.advance(0.5);
    expect(texts(made)).toEqual([]);
    made.advance(1);
    expect(texts(made)).toEqual(['at 1']);
  });
  it('leaves out what contains a blocked word, also what already flies', () => {
    const made = sky([
      comment(1, { text: 'SPOILER: he did it' }),
      comment(1.5, { text: 'nice' }),
      comment(2, { text: 'spoiler!' }),
    ]);
    made.advance(1);
    made.block(['spoiler']);
    for (const time of [2, 3]) made.advance(time);
    expect(texts(made)).toEqual(['nice']);
  });
  it('is bounded', () => {
    const made = sky(
      Array.from({ length: 5000 }, (_, i) => comment(1 + i / 5000)),
      0,
      { ...STAGE, height: 40_000 },
    );
    made.advance(1);
    made.advance(2);
    expect(made.flying).toHaveLength(MOST_FLYING);
  });
  it('makes do with no room at all', () => {
    const made = sky([comment(1)], 0, { ...STAGE, width: 0, height: 0 });
    made.advance(1);
    expect(texts(made)).toEqual([]);
  });
});

describe('FrameClock', () => {
  it('moves evenly where the film’s own time moves in steps', () => {
    const clock = new FrameClock();
    clock.read(0, 10, 1, true);
    const steps: number[] = [];
    let before = 10;
    for (let frame = 1; frame <= 60; frame += 1) {
      const now = frame * 16;
      const time = clock.read(now, 10 + Math.floor(now / 40) * 0.04, 1, true);
      steps.push(time - before);
      before = time;
    }
    expect(Math.max(...steps) - Math.min(...steps)).toBeLessThan(0.005);
    expect(Math.abs(before - 10.96)).toBeLessThan(0.04);
  });
  it('jumps with a seek, and stands when the film stands', () => {
    const clock = new FrameClock();
    clock.read(0, 10, 1, true);
    expect(clock.read(16, 50, 1, true)).toBe(50);
    expect(clock.read(1000, 50.1, 1, false)).toBe(50.1);
    expect(clock.read(2000, 50.1, 1, false)).toBe(50.1);
  });
});
