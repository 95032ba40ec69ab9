import { describe, expect, it } from 'vitest';
import { AskedRooms } from './asked';

class Keeper {
  kept: string | null = null;
  getItem(): string | null {
    return this.kept;
  }
  setItem(_: string, value: string): void {
    this.kept = value;
  }
}

const DAY = 24 * 3_600_000;

function asking(keeper = new Keeper(), now = { at: 1000 }) {
  return {
    keeper,
    now,
    asked: new AskedRooms(
      () => keeper,
      () => now.at,
    ),
  };
}

describe('AskedRooms', () => {
  it('remembers over a reload, for each account and room by itself', () => {
    const { keeper, asked } = asking();
    asked.remember('usr_1', 'room_1');
    const { asked: reloaded } = asking(keeper, { at: 5000 });
    expect(reloaded.since('usr_1', 'room_1')).toBe(1000);
    expect(reloaded.since('usr_2', 'room_1')).toBeNull();
    expect(reloaded.since('usr_1', 'room_2')).toBeNull();
  });

  it('forgets what is over, and nothing else', () => {
    const { asked } = asking();
    asked.remember('usr_1', 'room_1');
    asked.remember('usr_1', 'room_2');
    asked.forget('usr_1', 'room_1');
    expect([asked.since('usr_1', 'room_1'), asked.since('usr_1', 'room_2')]).toEqual([null, 1000]);
  });

  it('counts from the last time that was asked', () => {
    const { now, asked } = asking();
    asked.remember('usr_1', 'room_1');
    now.at = 9000;
    asked.remember('usr_1', 'room_1');
    expect(asked.since('usr_1', 'room_1')).toBe(9000);
  });

  it('keeps few, and none for ever', () => {
    const { now, asked } = asking();
    for (let room = 1; room <= 30; room += 1) asked.remember('usr_1', `room_${room}`);
    expect([asked.since('usr_1', 'room_10'), asked.since('usr_1', 'room_11')]).toEqual([null, 1000]);
    now.at += 15 * DAY;
    expect(asked.since('usr_1', 'room_30')).toBeNull();
  });

  it.each(['not json', '{}', '[1, null, {"room": 2}]'])('takes no harm from %s in the storage', (text) => {
    const { keeper, asked } = asking();
    keeper.kept = text;
    expect(asked.since('usr_1', 'room_1')).toBeNull();
    asked.remember('usr_1', 'room_1');
    expect(asked.since('usr_1', 'room_1')).toBe(1000);
  });

  it('works without storage for the length of a visit', () => {
    const asked = new AskedRooms(
      () => {
        throw new Error('denied');
      },
      () => 1000,
    );
    asked.remember('usr_1', 'room_1');
    expect(asked.since('usr_1', 'room_1')).toBe(1000);
    asked.forget('usr_1', 'room_1');
    expect(asked.since('usr_1', 'room_1')).toBeNull();
  });
});
