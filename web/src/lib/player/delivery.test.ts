import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { MediaAnswer } from '../api/media';
import { ApiError } from '../api/problem';
import type { Playable } from '../api/types';
import { Delivery, renewalIn, type DeliveryTrouble, type SourceTrouble } from './delivery';
import { CHROMIUM, bothWays, playableOf, variant } from './fixtures';
import { NO_WISH, type Wish } from './source';

const START = Date.parse('2026-01-01T00:00:00Z');
const NETWORK: SourceTrouble = { kind: 'network', status: null };
const FORMAT: SourceTrouble = { kind: 'format', status: null };

/** A player that writes down what it is told, and a server that answers as it is told. */
class Stage {
  readonly brought: string[] = [];
  readonly troubles: DeliveryTrouble[] = [];
  answers: (Playable | Error)[] = [];
  asked = 0;
  wish: Wish = NO_WISH;
  worthSwap = true;
  /** How addresses answer that are looked at, and which these were. */
  answer: MediaAnswer | null = null;
  readonly looked: string[] = [];
  broken = new Set<string>();
  readonly delivery = new Delivery({
    abilities: CHROMIUM,
    playable: () => this.#answer(),
    now: () => Date.now(),
    random: () => 0,
    wish: () => this.wish,
    worthSwap: () => this.worthSwap,
    answerOf: (url) => {
      this.looked.push(url);
      return Promise.resolve(this.answer);
    },
    bring: ({ variant: { id, url } }) => {
      this.brought.push(url);
      return this.broken.has(id) ? Promise.reject(new Error('no engine')) : Promise.resolve();
    },
    onPlayable: () => undefined,
    onTrouble: (trouble) => this.troubles.push(trouble),
  });

  async fail(trouble: SourceTrouble): Promise<void> {
    const { source } = this.delivery;
    if (source !== null) await this.delivery.failed(source, trouble);
  }

  #answer(): Promise<Playable> {
    this.asked += 1;
    const answer = (this.answers.length > 1 ? this.answers.shift() : this.answers[0]) ?? playableOf([]);
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  }
}

function answer(status: number, refusal: ApiError | null = null): MediaAnswer {
  return { status, refusal };
}

function addressed(address: string, expiresIn: number | null = null): Playable {
  const expiresAt = expiresIn === null ? null : new Date(Date.now() + expiresIn).toISOString();
  return playableOf([variant('film', { url: address })], expiresAt);
}

let stage: Stage;
beforeEach(() => {
  vi.useFakeTimers({ now: START });
  stage = new Stage();
});
afterEach(() => {
  stage.delivery.stop();
  vi.useRealTimers();
});

describe('what fails', () => {
  it('is followed by the same version through the server, and then by the next version', async () => {
    stage.answers = [playableOf([...bothWays('high'), ...bothWays('low')])];
    await stage.delivery.start();
    await stage.fail(NETWORK);
    await stage.fail(FORMAT);
    expect(stage.brought).toEqual(['https://example.org/high.mp4', '/media/v1/high', 'https://example.org/low.mp4']);
    expect(stage.troubles).toEqual([]);
  });
  it('is told once nothing is left, with the reason of the last one', async () => {
    stage.answers = [playableOf(bothWays('film'))];
    await stage.delivery.start();
    await stage.fail(FORMAT);
    await stage.fail(NETWORK);
    expect([stage.troubles, stage.delivery.source]).toEqual([[{ kind: 'network' }], null]);
  });
  it('is of no interest once another source is being brought', async () => {
    stage.answers = [playableOf([variant('a'), variant('b'), variant('c')])];
    await stage.delivery.start();
    const first = stage.delivery.source;
    if (first === null) throw new Error('nothing was brought');
    await Promise.all([stage.delivery.failed(first, NETWORK), stage.delivery.failed(first, NETWORK)]);
    await stage.delivery.failed(first, NETWORK);
    expect(stage.brought).toEqual(['https://example.org/a.mp4', 'https://example.org/b.mp4']);
  });
  it('may be tried again from the start', async () => {
    stage.answers = [playableOf([variant('film')])];
    await stage.delivery.start();
    await stage.fail(NETWORK);
    await stage.delivery.start();
    expect(stage.brought).toHaveLength(2);
  });
  it('may be the engine that does not load', async () => {
    stage.broken.add('film');
    stage.answers = [playableOf(bothWays('film'))];
    await stage.delivery.start();
    expect(stage.brought).toEqual(['https://example.org/film.mp4', '/media/v1/film']);
  });
  it('is a matter of the network where the address answers with a refusal', async () => {
    stage.answer = answer(404);
    stage.answers = [playableOf([variant('film')])];
    await stage.delivery.start();
    await stage.fail(FORMAT);
    expect(stage.troubles).toEqual([{ kind: 'network' }]);
  });
  it('is a matter of the network where the server could not fetch it, whatever the browser says then', async () => {
    stage.answers = [playableOf([...bothWays('film')].reverse())];
    await stage.delivery.start();
    stage.answer = answer(502);
    await stage.fail(FORMAT);
    stage.answer = null;
    await stage.fail(FORMAT);
    expect(stage.brought).toEqual(['/media/v1/film', 'https://example.org/film.mp4']);
    expect(stage.troubles).toEqual([{ kind: 'network' }]);
  });
  it('is the format where both ways lead to something', async () => {
    stage.answers = [playableOf(bothWays('film'))];
    await stage.delivery.start();
    await stage.fail(NETWORK);
    stage.answer = answer(206);
    await stage.fail(FORMAT);
    expect(stage.troubles).toEqual([{ kind: 'format' }]);
  });
  it('is the server, when it would not say how to play', async () => {
    const error = new Error('no');
    stage.answers = [error];
    await stage.delivery.start();
    expect(stage.troubles).toEqual([{ kind: 'unavailable', error }]);
  });
  it('is everything, when nothing can be played here', async () => {
    stage.answers = [playableOf([variant('film', { container: 'mkv' })])];
    await stage.delivery.start();
    expect(stage.troubles).toEqual([{ kind: 'unplayable' }]);
  });
});

describe('why this server refuses', () => {
  const refusal = new ApiError('upstream_refused', 502, 'It is in a private network.');
  const proxied = (container: string) =>
    playableOf([variant('film', { container, delivery: 'proxy', url: '/media/v1/film' })]);

  it.each([
    ['mp4', FORMAT],
    ['mp4', NETWORK],
    ['hls', { kind: 'network', status: 502 }],
    ['dash', NETWORK],
    ['flv', { kind: 'network', status: 502 }],
  ] satisfies [string, SourceTrouble][])('is told of %s after %o', async (container, trouble) => {
    stage.answer = answer(502, refusal);
    stage.answers = [proxied(container)];
    await stage.delivery.start();
    await stage.fail(trouble);
    expect([stage.troubles, stage.looked]).toEqual([[{ kind: 'refused', error: refusal }], ['/media/v1/film']]);
  });
  it('is asked where the part is that could not be loaded', async () => {
    stage.answer = answer(502, refusal);
    stage.answers = [proxied('hls')];
    await stage.delivery.start();
    await stage.fail({ kind: 'network', status: 502, url: '/media/v1/film/part' });
    expect(stage.looked).toEqual(['/media/v1/film/part']);
  });
  it('is asked once, however many failures an engine tells', async () => {
    stage.answer = answer(502, refusal);
    stage.answers = [proxied('dash')];
    await stage.delivery.start();
    await Promise.all([stage.fail(NETWORK), stage.fail(NETWORK), stage.fail(NETWORK)]);
    expect([stage.looked.length, stage.troubles.length]).toEqual([1, 1]);
  });
  it('is told also when the browser then can not say what is wrong with the direct way', async () => {
    stage.answers = [playableOf([...bothWays('film')].reverse())];
    await stage.delivery.start();
    stage.answer = answer(502, refusal);
    await stage.fail(FORMAT);
    stage.answer = null;
    await stage.fail(FORMAT);
    expect(stage.troubles).toEqual([{ kind: 'refused', error: refusal }]);
  });
  it('is not asked where the engine has read what it can not play, or at servers of others', async () => {
    stage.answers = [playableOf([...proxied('hls').variants, variant('other', { container: 'hls' })])];
    await stage.delivery.start();
    await stage.fail(FORMAT);
    await stage.fail(NETWORK);
    expect([stage.looked, stage.troubles]).toEqual([[], [{ kind: 'network' }]]);
  });
  it('is the network where it does not answer at all, whatever an element makes of that', async () => {
    stage.answers = [proxied('mp4')];
    await stage.delivery.start();
    await stage.fail(FORMAT);
    expect(stage.troubles).toEqual([{ kind: 'network' }]);
  });
});

describe('an address that is refused', () => {
  it.each([401, 403, 410])('with %i is renewed once', async (status) => {
    stage.answers = [addressed('/old'), addressed('/new')];
    await stage.delivery.start();
    await stage.fail({ kind: 'network', status });
    expect(stage.brought).toEqual(['/old', '/new']);
    await stage.fail({ kind: 'network', status });
    expect([stage.asked, stage.troubles]).toEqual([2, [{ kind: 'network' }]]);
  });
  it('is renewed again after it has played', async () => {
    stage.answers = [addressed('/a'), addressed('/b'), addressed('/c')];
    await stage.delivery.start();
    await stage.fail({ kind: 'network', status: 403 });
    stage.delivery.proven();
    await stage.fail({ kind: 'network', status: 403 });
    expect(stage.brought).toEqual(['/a', '/b', '/c']);
  });
  it('is recognised where the browser calls it a wrong format', async () => {
    stage.answer = answer(403);
    stage.answers = [addressed('/old'), addressed('/new')];
    await stage.delivery.start();
    await stage.fail(FORMAT);
    expect(stage.brought).toEqual(['/old', '/new']);
  });
});

describe('an address that runs out', () => {
  it('is swapped a minute before', async () => {
    stage.answers = [addressed('/old', 300_000), addressed('/new')];
    await stage.delivery.start();
    await vi.advanceTimersByTimeAsync(239_000);
    expect(stage.brought).toEqual(['/old']);
    await vi.advanceTimersByTimeAsync(2000);
    expect(stage.brought).toEqual(['/old', '/new']);
  });
  it('stays where it is still the same', async () => {
    stage.answers = [addressed('/old', 300_000), addressed('/old', 600_000), addressed('/new')];
    await stage.delivery.start();
    await vi.advanceTimersByTimeAsync(500_000);
    expect(stage.brought).toEqual(['/old']);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(stage.brought).toEqual(['/old', '/new']);
  });
  it('stays when the film is about to end, and is looked at again', async () => {
    stage.worthSwap = false;
    stage.answers = [addressed('/old', 300_000), addressed('/new')];
    await stage.delivery.start();
    await vi.advanceTimersByTimeAsync(241_000);
    expect([stage.asked, stage.brought]).toEqual([1, ['/old']]);
    stage.worthSwap = true;
    await vi.advanceTimersByTimeAsync(58_000);
    expect(stage.brought).toEqual(['/old', '/new']);
  });
  it('keeps what was chosen, whatever the server now offers first', async () => {
    stage.wish = { variantId: 'low', height: null };
    const later = new Date(START + 300_000).toISOString();
    stage.answers = [
      playableOf([variant('high'), variant('low')], later),
      playableOf([variant('high', { url: '/high2' }), variant('low', { url: '/low2' })]),
    ];
    await stage.delivery.start();
    await vi.advanceTimersByTimeAsync(300_000);
    expect(stage.brought).toEqual(['https://example.org/low.mp4', '/low2']);
  });
  it('does not go back to what failed before', async () => {
    const later = new Date(START + 300_000).toISOString();
    stage.answers = [
      playableOf(bothWays('film'), later),
      playableOf([variant('film'), variant('film~proxy', { url: '/p2' })]),
    ];
    await stage.delivery.start();
    await stage.fail(NETWORK);
    await vi.advanceTimersByTimeAsync(300_000);
    expect(stage.brought.slice(1)).toEqual(['/media/v1/film', '/p2']);
  });
  it('is asked about again while the server can not answer, until it has run out', async () => {
    stage.answers = [addressed('/old', 120_000), new Error('down')];
    await stage.delivery.start();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(stage.asked).toBeGreaterThan(2);
    expect(stage.asked).toBeLessThan(20);
    expect([stage.brought, stage.troubles]).toEqual([['/old'], []]);
  });
  it('is left alone after the end', async () => {
    stage.answers = [addressed('/old', 300_000)];
    await stage.delivery.start();
    stage.delivery.stop();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(stage.asked).toBe(1);
  });
});

describe('choosing', () => {
  it('brings the wished version, and also one that failed before', async () => {
    stage.answers = [playableOf([variant('high'), variant('low')])];
    await stage.delivery.start();
    await stage.fail(NETWORK);
    stage.wish = { variantId: 'high', height: null };
    await stage.delivery.choose();
    await stage.delivery.choose();
    expect(stage.brought.map((url) => url.slice(20))).toEqual(['high.mp4', 'low.mp4', 'high.mp4']);
  });
});

describe('renewalIn', () => {
  it('is a minute before, and not for everybody at the same moment', () => {
    expect([renewalIn(600_000, 0, 0), renewalIn(600_000, 0, 1)]).toEqual([540_000, 520_000]);
  });
  it('is half of a short time, and never at once', () => {
    expect([renewalIn(40_000, 0, 0), renewalIn(1000, 0, 0)]).toEqual([20_000, 5000]);
  });
  it('is never beyond what a timer can wait', () => {
    expect(renewalIn(40 * 24 * 3_600_000, 0, 0)).toBe(12 * 3_600_000);
  });
});
