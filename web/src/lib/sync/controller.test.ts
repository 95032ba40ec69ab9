import { describe, expect, it } from 'vitest';
import { SyncController, type Action, type Goal } from './controller';
import { SimulatedMedia, type Traits } from './simulatedMedia';
import { positionAt, type Timeline } from './target';

/** Runs controller and element together in steps of one millisecond. */
class Scene {
  readonly media: SimulatedMedia;
  readonly controller = new SyncController();
  readonly done: Action[] = [];
  mayPlay = true;
  phase = 'idle';
  #timeline: Timeline = { position: 0, rate: 1, playing: false, anchor: 0, duration: null };
  #revision = 0;
  #live = false;
  #wakeAt = 0;

  constructor(traits: Traits = {}) {
    this.media = new SimulatedMedia(traits);
  }

  set(change: Partial<Timeline>, live = false): this {
    this.#timeline = { ...this.#timeline, anchor: this.media.now, ...change };
    this.#revision += 1;
    this.#live = live;
    this.#wakeAt = this.media.now;
    return this;
  }

  get target(): number {
    // Anchors are kept in milliseconds here.
    const timeline = { ...this.#timeline, anchor: this.#timeline.anchor * 1000, duration: this.media.duration };
    return positionAt(timeline, this.media.now * 1000);
  }

  get error(): number {
    return this.media.time - this.target;
  }

  run(ms: number, each: () => void = () => undefined): this {
    for (let i = 0; i < ms; i += 1) {
      if (this.media.now >= this.#wakeAt) this.#step();
      this.media.advance(1);
      each();
    }
    return this;
  }

  count(kind: Action['kind']): number {
    return this.done.filter((action) => action.kind === kind).length;
  }

  #step(): void {
    const { now } = this.media;
    const { playing, rate, anchor } = this.#timeline;
    const goal: Goal = {
      revision: String(this.#revision),
      playing,
      rate,
      position: this.target,
      startsIn: playing ? anchor - now : 0,
      live: this.#live,
    };
    const { actions, wakeIn, phase } = this.controller.step({
      now,
      media: this.media.snapshot(),
      goal,
      mayPlay: this.mayPlay,
    });
    for (const action of actions) this.media.apply(action);
    this.done.push(...actions);
    this.phase = phase;
    this.#wakeAt = now + Math.max(1, wakeIn);
  }
}

function playing(scene: Scene, position: number, startsIn = 0, rate = 1): Scene {
  return scene.set({ playing: true, position, rate, anchor: scene.media.now + startsIn });
}

describe('SyncController', () => {
  it('does nothing without a goal', () => {
    const controller = new SyncController();
    const media = new SimulatedMedia();
    expect(controller.step({ now: 0, media: media.snapshot(), goal: null, mayPlay: true }).actions).toEqual([]);
  });

  it('stands at the exact shared position when paused', () => {
    const scene = new Scene({ seekLatency: 30 }).set({ playing: true, position: 5 }).run(1000);
    scene.set({ playing: false, position: 6.123456 }).run(500);
    expect(scene.media.paused).toBe(true);
    expect(scene.media.time).toBe(6.123456);
    expect(scene.phase).toBe('holding');
  });

  it('goes to the same paused position again after having played on', () => {
    const scene = new Scene().set({ playing: false, position: 7 }).run(200);
    playing(scene, 7).run(1500);
    scene.set({ playing: false, position: 7 }).run(200);
    expect(scene.media.time).toBe(7);
  });

  it('starts so that the first frame meets the agreed instant, once the start latency is known', () => {
    const scene = new Scene({ startLatency: 90 });
    for (let round = 0; round < 6; round += 1) {
      scene.set({ playing: false, position: 10 }).run(500);
      playing(scene, 10, 400).run(2000);
    }
    scene.set({ playing: false, position: 10 }).run(500);
    playing(scene, 10, 400).run(600);
    expect(Math.abs(scene.error)).toBeLessThan(0.012);
  });

  it('joins a running film with one seek', () => {
    const scene = playing(new Scene({ seekLatency: 150, startLatency: 50 }), 600);
    scene.run(1500);
    expect(scene.count('seek')).toBe(1);
    expect(Math.abs(scene.error)).toBeLessThan(0.06);
  });

  it('aims further ahead where seeking takes long', () => {
    const scene = playing(new Scene({ seekLatency: 900 }), 600).run(6000);
    expect(Math.abs(scene.error)).toBeLessThan(0.06);
    const seeks = scene.count('seek');
    playing(scene, 1200).run(3000);
    expect(scene.count('seek')).toBe(seeks + 1);
    expect(Math.abs(scene.error)).toBeLessThan(0.06);
  });

  it('removes small drift by the rate alone and then leaves the rate be', () => {
    const scene = playing(new Scene(), 0).run(3000);
    scene.media.time += 0.3;
    const seeks = scene.count('seek');
    scene.run(10_000);
    expect(Math.abs(scene.error)).toBeLessThan(0.012);
    expect(scene.count('seek')).toBe(seeks);
    expect(scene.media.playbackRate).toBe(1);
  });

  it('never leaves the shared rate by more than six per cent', () => {
    const scene = playing(new Scene(), 0, 0, 2).run(3000);
    scene.media.time -= 0.9;
    scene.run(4000, () => {
      expect(Math.abs(scene.media.playbackRate / 2 - 1)).toBeLessThanOrEqual(0.0601);
    });
  });

  it('keeps an element with a skewed clock within twenty milliseconds', () => {
    const scene = playing(new Scene({ skew: 0.0005 }), 0).run(5000);
    scene.run(60_000, () => {
      expect(Math.abs(scene.error)).toBeLessThan(0.02);
    });
  });

  it('seeks once when far off', () => {
    const scene = playing(new Scene({ seekLatency: 100 }), 0).run(3000);
    const seeks = scene.count('seek');
    scene.media.time += 5;
    scene.run(3000);
    expect(scene.count('seek')).toBe(seeks + 1);
    expect(Math.abs(scene.error)).toBeLessThan(0.06);
  });

  it('backs off when seeking does not help', () => {
    const scene = playing(new Scene(), 0).run(3000);
    const seeks = scene.count('seek');
    for (let i = 0; i < 20; i += 1) {
      scene.media.time += 3;
      scene.run(1500);
    }
    expect(scene.count('seek') - seeks).toBeLessThan(8);
  });

  it('does not correct while the element is stalled, and catches up afterwards', () => {
    const scene = playing(new Scene(), 0).run(3000);
    scene.media.stalled = true;
    const before = scene.done.length;
    scene.run(2000);
    expect(scene.done.length).toBe(before);
    expect(scene.phase).toBe('stalled');
    scene.media.stalled = false;
    scene.run(5000);
    expect(Math.abs(scene.error)).toBeLessThan(0.06);
  });

  it('gives nudging up where the element ignores small rates, and seeks from a wider band', () => {
    const scene = playing(new Scene({ ignoresSmallRates: true }), 0).run(3000);
    scene.media.time += 0.6;
    scene.run(15_000);
    expect(Math.abs(scene.error)).toBeLessThan(0.3);
    expect(scene.media.playbackRate).toBe(1);
  });

  it('follows a person who seeks while the film plays', () => {
    const scene = playing(new Scene({ seekLatency: 80, startLatency: 40 }), 0).run(3000);
    playing(scene, 900, 350).run(1350);
    expect(Math.abs(scene.error)).toBeLessThan(0.06);
  });

  it('multiplies the nudge with a changed shared rate', () => {
    const scene = playing(new Scene(), 0).run(3000);
    playing(scene, 3, 0, 1.5).run(4000);
    expect(scene.media.playbackRate).toBe(1.5);
    expect(Math.abs(scene.error)).toBeLessThan(0.02);
  });

  it('waits for the person where the browser refuses to start', () => {
    const scene = playing(new Scene(), 0);
    scene.mayPlay = false;
    scene.run(1000);
    expect(scene.phase).toBe('blocked');
    expect(scene.count('play')).toBe(0);
    scene.mayPlay = true;
    scene.run(1500);
    expect(Math.abs(scene.error)).toBeLessThan(0.06);
  });

  it('lets the film run out and stays at its end', () => {
    const scene = playing(new Scene({ duration: 10 }), 8).run(6000);
    expect(scene.phase).toBe('ended');
    expect(scene.media.time).toBe(10);
    expect(scene.count('seek')).toBeLessThanOrEqual(1);
  });

  it('goes back from the end when a person seeks there', () => {
    const scene = playing(new Scene({ duration: 10 }), 8).run(6000);
    playing(scene, 2, 300).run(1500);
    expect(Math.abs(scene.error)).toBeLessThan(0.06);
  });

  it('only starts and pauses a live stream', () => {
    const scene = new Scene().set({ playing: true, position: 0 }, true).run(5000);
    expect(scene.media.paused).toBe(false);
    expect(scene.count('seek')).toBe(0);
    scene.set({ playing: false }, true).run(500);
    expect(scene.media.paused).toBe(true);
  });
});
