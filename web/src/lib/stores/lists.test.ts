import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ActivityEntry, DeviceSession } from '../api/accountTypes';
import { Cancelled } from '../auth/cancelled';
import { ActivityStore } from './activity.svelte';
import { Countdown } from './countdown.svelte';
import { SessionsStore } from './sessions.svelte';
import { Task } from './task.svelte';

function session(id: string, refreshedAt: string, current = false): DeviceSession {
  return { id, current, refreshedAt, userAgent: '', address: '', methods: [], createdAt: refreshedAt, expiresAt: '' };
}

describe('SessionsStore', () => {
  async function scene() {
    const ended: string[] = [];
    const items = [
      session('old', '2026-01-01T00:00:00Z'),
      session('this', '2026-01-02T00:00:00Z', true),
      session('new', '2026-01-03T00:00:00Z'),
    ];
    const store = new SessionsStore({
      sessions: () => Promise.resolve({ items, nextCursor: null }),
      endSession: (id) => Promise.resolve(void ended.push(id)),
      endOtherSessions: () => Promise.resolve(void ended.push('others')),
    });
    await store.load();
    return { store, ended, ids: () => store.list?.map(({ id }) => id) };
  }

  it('shows this device first, then the newest', async () => {
    const { ids } = await scene();
    expect(ids()).toEqual(['this', 'new', 'old']);
  });

  it('ends one', async () => {
    const { store, ended, ids } = await scene();
    await store.end(session('new', ''));
    expect([ended, ids()]).toEqual([['new'], ['this', 'old']]);
  });

  it('ends all others', async () => {
    const { store, ended, ids } = await scene();
    await store.endOthers();
    expect([ended, ids()]).toEqual([['others'], ['this']]);
  });
});

describe('ActivityStore', () => {
  it('adds page after page', async () => {
    const asked: (string | undefined)[] = [];
    const store = new ActivityStore({
      activity: (cursor) => {
        asked.push(cursor);
        const items = [{ id: cursor ?? 'first' } as ActivityEntry];
        return Promise.resolve({ items, nextCursor: cursor === undefined ? 'second' : null });
      },
    });
    await store.load();
    expect(store.more).toBe(true);
    await store.load();
    expect([store.list?.map(({ id }) => id), store.more]).toEqual([['first', 'second'], false]);
    expect(asked).toEqual([undefined, 'second']);
  });
});

describe('Countdown', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('counts whole seconds down to nothing', () => {
    const countdown = new Countdown();
    countdown.start(2.5);
    const seen = [countdown.left];
    for (let second = 0; second < 4; second += 1) {
      vi.advanceTimersByTime(1000);
      seen.push(countdown.left);
    }
    expect(seen).toEqual([3, 2, 1, 0, 0]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('stops', () => {
    const countdown = new Countdown();
    countdown.start(30);
    countdown.stop();
    expect([countdown.left, vi.getTimerCount()]).toEqual([0, 0]);
  });
});

describe('Task', () => {
  it('shows what went wrong until the next try', async () => {
    const task = new Task();
    const error = new Error('no');
    expect(await task.run(() => Promise.reject(error))).toBe(false);
    expect(task.error).toBe(error);
    expect(await task.run(() => Promise.resolve())).toBe(true);
    expect([task.error, task.busy]).toEqual([null, false]);
  });

  it('keeps quiet about what the person cancelled', async () => {
    const task = new Task();
    expect(await task.run(() => Promise.reject(new Cancelled()))).toBe(false);
    expect(task.error).toBeNull();
  });

  it('does nothing while something is under way', async () => {
    const task = new Task();
    let release: () => void = () => undefined;
    const first = task.run(() => new Promise<void>((resolve) => (release = resolve)));
    expect(await task.run(() => Promise.reject(new Error('second')))).toBe(false);
    release();
    expect(await first).toBe(true);
  });
});
