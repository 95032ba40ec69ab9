import { create } from '@bufbuild/protobuf';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ServerClock } from '../sync/clock';
import type { ServerBody } from './codec';
import { RealtimeError } from './errors';
import { ServerFrameSchema } from './generated/synctv/v1/realtime_pb';
import { Probes } from './probes';
import { Reports, type PlayerReport } from './reports';

function timeReply(at: number): ServerBody {
  const micros = BigInt(Math.round(at * 1000));
  return create(ServerFrameSchema, {
    body: { case: 'timeReply', value: { serverReceived: micros, serverSent: micros } },
  }).body;
}

describe('Probes', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('measures quickly at first, then now and then', async () => {
    const clock = new ServerClock();
    let asked = 0;
    const request = () => {
      asked += 1;
      return Promise.resolve(timeReply(performance.now() + 1_000_000));
    };
    const probes = new Probes({ clock, request, onDead: () => undefined, onMeasured: () => undefined });
    probes.start();
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked).toBe(12);
    expect(clock.offsetMs).toBeCloseTo(1_000_000, 0);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked).toBe(16);
    probes.stop();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked).toBe(16);
  });

  it('says that the connection is dead when nothing is answered, unless it was stopped meanwhile', async () => {
    let dead = 0;
    const request = () => Promise.reject(new RealtimeError('offline', ''));
    const options = { clock: new ServerClock(), request, onDead: () => void (dead += 1), onMeasured: () => undefined };
    const probes = new Probes(options);
    probes.start();
    probes.stop();
    await vi.advanceTimersByTimeAsync(10);
    expect(dead).toBe(0);
    probes.start();
    await vi.advanceTimersByTimeAsync(10);
    probes.stop();
    expect(dead).toBe(1);
  });
});

describe('Reports', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const report: PlayerReport = {
    itemId: 'item_1',
    readiness: 'ready',
    version: 3,
    position: 1,
    duration: null,
    drift: null,
    roundTrip: null,
  };

  it('tells every two seconds, and what changed at once', async () => {
    let told = 0;
    const reports = new Reports(
      () => void (told += 1),
      () => report,
    );
    reports.now();
    await vi.advanceTimersByTimeAsync(5000);
    expect(told).toBe(0);
    reports.start();
    await vi.advanceTimersByTimeAsync(4100);
    expect(told).toBe(3);
    reports.now();
    reports.now();
    await vi.advanceTimersByTimeAsync(60);
    expect(told).toBe(4);
    reports.stop();
    await vi.advanceTimersByTimeAsync(5000);
    expect(told).toBe(4);
  });
});
