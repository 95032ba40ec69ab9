import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../api/problem';
import { nextLookIn, Patience } from './patience';

describe('nextLookIn', () => {
  it('looks often at first, then less and less, and never less than every 20 seconds', () => {
    expect([nextLookIn(0, 0), nextLookIn(30, 0)]).toEqual([4000, 4000]);
    expect(nextLookIn(35, 0)).toBeGreaterThan(7000);
    expect(nextLookIn(1000, 0)).toBe(20_000);
  });
  it('backs away from a server that does not answer', () => {
    expect([1, 2, 3, 20].map((failures) => nextLookIn(5, failures))).toEqual([8000, 16_000, 32_000, 60_000]);
  });
});

describe('Patience', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function waiting(look: () => Promise<void>) {
    const failing: boolean[] = [];
    const patience = new Patience(look, (failed) => failing.push(failed));
    patience.start();
    return { patience, failing };
  }

  it('looks until it is stopped', async () => {
    let looks = 0;
    const { patience } = waiting(() => Promise.resolve(void (looks += 1)));
    await vi.advanceTimersByTimeAsync(12_000);
    expect(looks).toBe(3);
    patience.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(looks).toBe(3);
  });

  it('says when it fails and when that is over, and waits as long as the server wants', async () => {
    const answers = [new ApiError('rate_limited', 429, '', { retryAfter: 30 }), null];
    let looks = 0;
    const { patience, failing } = waiting(() => {
      looks += 1;
      const error = answers.shift() ?? null;
      return error === null ? Promise.resolve() : Promise.reject(error);
    });
    await vi.advanceTimersByTimeAsync(4000 + 29_000);
    expect([looks, failing]).toEqual([1, [true]]);
    await vi.advanceTimersByTimeAsync(1000);
    expect([looks, failing]).toEqual([2, [true, false]]);
    patience.stop();
  });

  it('looks at once when the person comes back, but never twice at a time', async () => {
    const answers: (() => void)[] = [];
    const { patience } = waiting(() => new Promise((answer) => answers.push(answer)));
    patience.hurry();
    patience.hurry();
    expect(answers).toHaveLength(1);
    answers[0]?.();
    await vi.advanceTimersByTimeAsync(4000);
    expect(answers).toHaveLength(2);
    patience.stop();
  });

  it('says nothing once it was stopped in the middle of a look', async () => {
    const answers: (() => void)[] = [];
    const { patience, failing } = waiting(() => new Promise((answer) => answers.push(answer)));
    patience.hurry();
    patience.stop();
    answers[0]?.();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([answers.length, failing]).toEqual([1, []]);
  });
});
