import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../api/problem';
import type { JoinRequest, JoinRequestPage } from '../api/types';
import { JoinRequestsStore, type Decision } from './joinRequests.svelte';

function request(name: string): JoinRequest {
  return { account: { id: `usr_${name}`, username: name }, message: '', requestedAt: '2026-01-01T00:00:00Z' };
}

function page(...names: string[]): JoinRequestPage {
  return { items: names.map(request), nextCursor: null, total: names.length };
}

/** Answers fetches by hand. */
class Scene {
  readonly fetches: { answer: (page: JoinRequestPage) => void; refuse: (error: Error) => void }[] = [];
  readonly decisions: [string, Decision][] = [];
  readonly asked: string[] = [];
  refusal: Error | null = null;
  readonly store = new JoinRequestsStore({
    api: {
      joinRequests: () => new Promise((answer, refuse) => this.fetches.push({ answer, refuse })),
      decideJoinRequest: (accountId, decision) => {
        this.decisions.push([accountId, decision]);
        return this.refusal === null ? Promise.resolve() : Promise.reject(this.refusal);
      },
    },
    onAsked: ({ account }) => this.asked.push(account.username),
  });

  get shown(): string[] {
    return this.store.list.map(({ account }) => account.username);
  }

  async answer(...names: string[]): Promise<void> {
    this.fetches.at(-1)?.answer(page(...names));
    await vi.advanceTimersByTimeAsync(0);
  }

  async refuse(error: Error): Promise<void> {
    this.fetches.at(-1)?.refuse(error);
    await vi.advanceTimersByTimeAsync(0);
  }
}

describe('JoinRequestsStore', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('asks for nothing without the permission, and forgets what it had when the permission goes', async () => {
    const scene = new Scene();
    scene.store.refresh();
    expect(scene.fetches).toHaveLength(0);
    scene.store.allow(true);
    await scene.answer('ada');
    expect(scene.shown).toEqual(['ada']);
    scene.store.allow(false);
    expect([scene.shown, scene.store.total]).toEqual([[], 0]);
  });

  it('tells of those who ask while somebody is there, once', async () => {
    const scene = new Scene();
    scene.store.allow(true);
    await scene.answer('ada');
    expect(scene.asked).toEqual([]);
    scene.store.refresh();
    await scene.answer('ada', 'bea');
    scene.store.refresh();
    await scene.answer('ada', 'bea');
    expect(scene.asked).toEqual(['bea']);
  });

  it('tells again of who took the request back and asks anew', async () => {
    const scene = new Scene();
    scene.store.allow(true);
    await scene.answer();
    for (const names of [['ada'], [], ['ada']]) {
      scene.store.refresh();
      await scene.answer(...names);
    }
    expect(scene.asked).toEqual(['ada', 'ada']);
  });

  it('runs one fetch at a time, and one more after it when something changed meanwhile', async () => {
    const scene = new Scene();
    scene.store.allow(true);
    for (let change = 0; change < 5; change += 1) scene.store.refresh();
    expect(scene.fetches).toHaveLength(1);
    await scene.answer('ada');
    expect(scene.fetches).toHaveLength(2);
    await scene.answer('bea');
    expect(scene.shown).toEqual(['bea']);
    expect(scene.fetches).toHaveLength(2);
  });

  it('takes a decided request away at once, and an older answer does not bring it back', async () => {
    const scene = new Scene();
    scene.store.allow(true);
    await scene.answer('ada', 'bea');
    scene.store.refresh();
    const { answer } = scene.fetches.at(-1) ?? { answer: () => undefined };
    await scene.store.decide(request('ada'), 'approve');
    expect([scene.shown, scene.store.total, scene.decisions]).toEqual([['bea'], 1, [['usr_ada', 'approve']]]);
    answer(page('ada', 'bea'));
    await vi.advanceTimersByTimeAsync(0);
    expect(scene.shown).toEqual(['bea']);
    await scene.answer('bea');
    expect([scene.shown, scene.asked]).toEqual([['bea'], []]);
  });

  it('hands a refused decision on, and looks again', async () => {
    const scene = new Scene();
    scene.store.allow(true);
    await scene.answer('ada');
    scene.refusal = new ApiError('not_found', 404, 'gone');
    await expect(scene.store.decide(request('ada'), 'reject')).rejects.toMatchObject({ code: 'not_found' });
    await scene.answer();
    expect(scene.shown).toEqual([]);
  });

  it('tries again after a failure that may pass, and not after a refusal', async () => {
    const scene = new Scene();
    scene.store.allow(true);
    await scene.refuse(new ApiError('offline', 0, ''));
    await vi.advanceTimersByTimeAsync(5000);
    expect(scene.fetches).toHaveLength(2);
    await scene.refuse(new ApiError('permission_denied', 403, ''));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(scene.fetches).toHaveLength(2);
  });

  it('does nothing after it was stopped', async () => {
    const scene = new Scene();
    scene.store.allow(true);
    scene.store.stop();
    await scene.answer('ada');
    expect(scene.shown).toEqual([]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(scene.fetches).toHaveLength(1);
  });

  it('counts those too that one answer does not hold', async () => {
    const scene = new Scene();
    scene.store.allow(true);
    scene.fetches[0]?.answer({ ...page('ada'), total: 140 });
    await vi.advanceTimersByTimeAsync(0);
    expect(scene.store.total).toBe(140);
  });
});
