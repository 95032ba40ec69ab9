import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import type { ClientBody, ServerBody } from '../realtime/codec';
import { RealtimeError } from '../realtime/errors';
import { ServerFrameSchema } from '../realtime/generated/synctv/v1/realtime_pb';
import type { ChatMessage } from '../realtime/values';
import { ChatStore } from './chat.svelte';

const settle = () => new Promise((resolve) => setTimeout(resolve, 0));
const author = { id: 'usr_1', name: 'Mia', kind: 'account' };

function received(id: string, clientId: string): ChatMessage {
  return { id, clientId, author, text: 'hi', sentAt: 5, position: null, version: 1, deleted: false, roomSeq: 5 };
}

class Scene {
  readonly asked: { clientId: string; answer: (body: ServerBody) => void; refuse: (error: RealtimeError) => void }[] =
    [];
  readonly store = new ChatStore({
    request: (body: ClientBody) =>
      new Promise((answer, refuse) => {
        const clientId = body.case === 'chatSend' ? (body.value.clientId ?? '') : '';
        this.asked.push({ clientId, answer, refuse });
      }),
    older: () => Promise.resolve({ messages: [], hasMore: false }),
  });

  async reply(index: number, id: string): Promise<void> {
    const clientId = this.asked[index]?.clientId ?? '';
    const chat = { id, clientId, author, text: 'hi', sentAt: 5000n, version: 1n };
    const value = { case: 'chat', value: chat } as const;
    this.asked[index]?.answer(create(ServerFrameSchema, { body: { case: 'reply', value: { value } } }).body);
    await settle();
  }
}

describe('ChatStore', () => {
  it('shows an own message on its way, and once when it has arrived', async () => {
    const scene = new Scene();
    scene.store.send('hi');
    expect(scene.store.outgoing).toMatchObject([{ text: 'hi', failure: null }]);
    scene.store.receive({
      messages: [received('msg_1', scene.asked[0]?.clientId ?? '')],
      snapshot: false,
      hasMore: false,
    });
    await scene.reply(0, 'msg_1');
    expect(scene.store.outgoing).toEqual([]);
    expect(scene.store.log.messages).toHaveLength(1);
  });

  it('keeps what was not sent, and sends it again as the same message', async () => {
    const scene = new Scene();
    scene.store.send('hi');
    scene.asked[0]?.refuse(new RealtimeError('offline', ''));
    await settle();
    const [failed] = scene.store.outgoing;
    expect(failed?.failure?.code).toBe('offline');
    if (failed !== undefined) scene.store.retry(failed);
    expect(scene.asked[1]?.clientId).toBe(scene.asked[0]?.clientId);
    await scene.reply(1, 'msg_1');
    expect(scene.store.outgoing).toEqual([]);
  });

  it('forgets what it may no longer show', () => {
    const { store } = new Scene();
    store.receive({ messages: [received('msg_1', 'c')], snapshot: true, hasMore: false });
    store.refuse();
    expect(store.log.messages).toEqual([]);
    expect(store.readable).toBe(false);
  });
});
