import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import type { ClientBody, ServerBody } from '../realtime/codec';
import { RealtimeError } from '../realtime/errors';
import { FailureSchema, ServerFrameSchema } from '../realtime/generated/synctv/v1/realtime_pb';
import type { ChatMessage, Playback } from '../realtime/values';
import { EMPTY_LOG, receiveChat, receiveOlder } from './chatLog';
import { PlaybackStore } from './playback.svelte';
import { positionOf, predict } from './predict';
import { lineFor } from './said';

const film = {
  id: 'item_1',
  title: 'Film',
  provider: 'direct',
  kind: 'video',
  duration: 100,
  cover: null,
  addedBy: null,
  version: 1,
};
const paused: Playback = {
  item: film,
  position: 10,
  rate: 1,
  playing: false,
  anchor: 0,
  version: 4,
  reason: 'pause',
  changedBy: { id: 'usr_2', name: 'Mia', kind: 'account' },
  operationId: '',
  heldUntil: null,
};

const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

/** Answers commands by hand. */
class Scene {
  readonly asked: { body: ClientBody; answer: (body: ServerBody) => void; refuse: (error: RealtimeError) => void }[] =
    [];
  readonly foreign: string[] = [];
  readonly failures: string[] = [];
  readonly store = new PlaybackStore({
    request: (body) => new Promise((answer, refuse) => this.asked.push({ body, answer, refuse })),
    now: () => 1_000_000,
    onForeignChange: (playback) => this.foreign.push(playback.reason),
    onFailure: (error) => this.failures.push(error.code),
  });

  command(index: number) {
    const body = this.asked[index]?.body;
    if (body?.case !== 'playback') throw new Error('no playback command');
    return body.value;
  }

  async reply(index: number, version: number, playing: boolean): Promise<void> {
    const value = { case: 'playback', value: { version: BigInt(version), playing, position: 10, rate: 1 } } as const;
    this.asked[index]?.answer(create(ServerFrameSchema, { body: { case: 'reply', value: { value } } }).body);
    await settle();
  }
}

describe('PlaybackStore', () => {
  it('shows a command at once and the answer when it comes', async () => {
    const scene = new Scene();
    scene.store.receive(paused);
    scene.store.command({ kind: 'play' });
    expect(scene.store.shown).toMatchObject({ playing: true, version: 4 });
    expect(scene.command(0).expectedVersion).toBe(4n);
    await scene.reply(0, 5, true);
    expect(scene.store.shown).toMatchObject({ playing: true, version: 5 });
  });

  it('sends the next command on the state that the one before it made', async () => {
    const scene = new Scene();
    scene.store.receive(paused);
    scene.store.command({ kind: 'play' });
    scene.store.command({ kind: 'seek', position: 20 });
    scene.store.command({ kind: 'seek', position: 30 });
    expect(scene.asked).toHaveLength(1);
    await scene.reply(0, 5, true);
    expect(scene.command(1)).toMatchObject({ expectedVersion: 5n, command: { case: 'seek', value: { position: 30 } } });
    await scene.reply(1, 6, true);
    expect(scene.asked).toHaveLength(2);
  });

  it('is not told about its own change, but about those of others', async () => {
    const scene = new Scene();
    scene.store.receive(paused);
    scene.store.command({ kind: 'play' });
    scene.store.receive({ ...paused, version: 5, reason: 'play', operationId: scene.command(0).operationId ?? '' });
    scene.store.receive({ ...paused, version: 6, reason: 'seek', operationId: 'theirs' });
    expect(scene.foreign).toEqual(['seek']);
  });

  it('ignores what is older than what it has', () => {
    const scene = new Scene();
    scene.store.receive(paused);
    scene.store.receive({ ...paused, version: 3, position: 99 });
    expect(scene.store.shown?.position).toBe(10);
  });

  it('takes the current state over when somebody was faster, and drops what was queued', async () => {
    const scene = new Scene();
    scene.store.receive(paused);
    scene.store.command({ kind: 'play' });
    scene.store.command({ kind: 'rate', rate: 2 });
    const failure = create(FailureSchema, {
      code: 'version_conflict',
      current: { version: 9n, position: 50, rate: 1, changedBy: { id: 'usr_2', name: 'Mia', kind: 'account' } },
    });
    scene.asked[0]?.refuse(RealtimeError.from(failure));
    await settle();
    expect(scene.failures).toEqual(['version_conflict']);
    expect(scene.store.shown).toMatchObject({ version: 9, position: 50, playing: false });
    expect(scene.asked).toHaveLength(1);
  });

  it('repeats a command that only the server itself came before', async () => {
    const scene = new Scene();
    scene.store.receive(paused);
    scene.store.command({ kind: 'play' });
    const failure = create(FailureSchema, {
      code: 'version_conflict',
      current: { version: 9n, position: 50, rate: 1 },
    });
    scene.asked[0]?.refuse(RealtimeError.from(failure));
    await settle();
    expect(scene.failures).toEqual([]);
    expect(scene.command(1).expectedVersion).toBe(9n);
  });

  it('takes the shown effect back when the command never arrived', async () => {
    const scene = new Scene();
    scene.store.receive(paused);
    scene.store.command({ kind: 'play' });
    scene.asked[0]?.refuse(new RealtimeError('offline', ''));
    await settle();
    expect(scene.store.shown?.playing).toBe(false);
  });
});

describe('predict', () => {
  const running = { ...paused, playing: true, anchor: 1_000_000 };

  it('pauses where the person saw it', () => {
    expect(predict(running, { kind: 'pause', at: 12.5 }, 3_000_000)).toMatchObject({ playing: false, position: 12.5 });
  });
  it('starts a little later, as the server will', () => {
    const started = predict(paused, { kind: 'play' }, 1_000_000);
    expect(started && positionOf(started, 1_300_000)).toBe(10);
  });
  it('keeps the position when the rate changes', () => {
    const faster = predict(running, { kind: 'rate', rate: 2 }, 3_000_000);
    expect(faster && positionOf(faster, 3_000_000)).toBe(12);
    expect(faster && positionOf(faster, 4_000_000)).toBe(14);
  });
  it('does not guess what comes next', () => {
    expect(predict(running, { kind: 'next' }, 0)).toBeNull();
  });
});

describe('lineFor', () => {
  it('names who paused and where', () => {
    expect(lineFor({ ...paused, position: 723 }, 'Somebody')).toMatchObject({
      key: 'said.pause',
      values: { name: 'Mia', time: '12:03' },
    });
  });
  it('says nothing about what it does not know', () => {
    expect(lineFor({ ...paused, reason: 'new' }, 'Somebody')).toBeNull();
  });
});

function message(id: string, sentAt: number, change: Partial<ChatMessage> = {}): ChatMessage {
  const author = { id: 'usr_2', name: 'Mia', kind: 'account' };
  return {
    id,
    clientId: id,
    author,
    text: id,
    sentAt,
    position: null,
    version: 1,
    deleted: false,
    roomSeq: sentAt,
    ...change,
  };
}

const push = (...messages: ChatMessage[]) => ({ messages, snapshot: false, hasMore: false });
const ids = (log: { messages: readonly ChatMessage[] }) => log.messages.map(({ id }) => id);

describe('chat log', () => {
  it('shows every message once and in order, however it arrives', () => {
    let log = receiveChat(EMPTY_LOG, { messages: [message('a', 1), message('b', 2)], snapshot: true, hasMore: true });
    log = receiveChat(log, push(message('d', 4)));
    log = receiveChat(log, push(message('b', 2), message('c', 3), message('d', 4)));
    expect(ids(log)).toEqual(['a', 'b', 'c', 'd']);
    expect(log.hasMore).toBe(true);
  });

  it('takes a newer version of a message, and not an older one', () => {
    let log = receiveChat(EMPTY_LOG, push(message('a', 1, { version: 2, text: 'edited' })));
    log = receiveChat(log, push(message('a', 1, { version: 1, text: 'first' })));
    expect(log.messages[0]?.text).toBe('edited');
    log = receiveChat(log, push(message('a', 1, { version: 3, deleted: true })));
    expect(log.messages[0]?.deleted).toBe(true);
  });

  it('continues with a snapshot that overlaps', () => {
    const log = receiveChat(EMPTY_LOG, push(message('a', 1), message('b', 2)));
    const snapshot = { messages: [message('b', 2), message('c', 3)], snapshot: true, hasMore: true };
    expect(ids(receiveChat(log, snapshot))).toEqual(['a', 'b', 'c']);
  });

  it('begins anew with a snapshot that leaves a gap', () => {
    const log = receiveChat(EMPTY_LOG, push(message('a', 1)));
    const snapshot = { messages: [message('x', 90)], snapshot: true, hasMore: true };
    expect(receiveChat(log, snapshot)).toMatchObject({ hasMore: true });
    expect(ids(receiveChat(log, snapshot))).toEqual(['x']);
  });

  it('puts older messages in front', () => {
    const log = receiveOlder(receiveChat(EMPTY_LOG, push(message('c', 3))), [message('a', 1), message('b', 2)], false);
    expect(ids(log)).toEqual(['a', 'b', 'c']);
  });
});
