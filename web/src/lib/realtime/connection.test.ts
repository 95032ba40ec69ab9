import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Connection, type CloseReason, type ConnectionState, type Socket } from './connection';

class FakeSocket implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  readonly sent: Record<string, unknown>[] = [];
  closed = false;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(): void {
    this.closed = true;
  }
  push(frame: unknown): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  welcome(): void {
    this.push({
      welcome: { connectionId: 'c', actor: { id: 'usr_1', name: 'Mia', kind: 'account' }, serverTime: '1' },
    });
  }
}

class Setting {
  readonly sockets: FakeSocket[] = [];
  readonly states: ConnectionState[] = [];
  readonly pushed: string[] = [];
  addressError: unknown = null;
  permanent: CloseReason | null = null;
  readonly connection = new Connection({
    address: () =>
      this.addressError === null ? Promise.resolve('ws://x') : Promise.reject(this.addressError as Error),
    permanent: () => this.permanent,
    onState: (state) => this.states.push(state),
    onWelcome: () => undefined,
    onPush: (body) => this.pushed.push(body.case ?? ''),
    openSocket: () => {
      const socket = new FakeSocket();
      this.sockets.push(socket);
      return socket;
    },
    random: () => 0,
  });

  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error('no socket was opened');
    return socket;
  }

  async open(): Promise<this> {
    this.connection.start();
    await settle();
    this.socket.welcome();
    return this;
  }
}

const settle = () => vi.advanceTimersByTimeAsync(0);
const play = { case: 'playback', value: { command: { case: 'play', value: {} }, operationId: 'op' } } as const;

describe('Connection', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('answers a request by its sequence number', async () => {
    const { connection, socket } = await new Setting().open();
    const first = connection.request(play, 5000);
    const second = connection.request({ case: 'timeProbe', value: { clientSent: 7n } }, 5000);
    socket.push({ seq: 2, timeReply: { clientSent: '7', serverReceived: '1', serverSent: '2' } });
    socket.push({ seq: 1, reply: { playback: { version: '3' } } });
    expect((await second).case).toBe('timeReply');
    expect((await first).case).toBe('reply');
  });

  it('rejects with the failure of the server', async () => {
    const { connection, socket } = await new Setting().open();
    const refused = connection.request(play, 5000);
    socket.push({ seq: 1, failure: { code: 'version_conflict', message: 'Too late.', current: { version: '9' } } });
    await expect(refused).rejects.toMatchObject({ code: 'version_conflict', current: { version: 9 } });
  });

  it('hands on pushes and ignores answers to nothing', async () => {
    const setting = await new Setting().open();
    setting.socket.push({ changed: { id: 'chat', roomSeq: '4', chat: {} } });
    setting.socket.push({ seq: 77, reply: {} });
    expect(setting.pushed).toEqual(['changed']);
  });

  it('sends an unanswered request again after a loss', async () => {
    const setting = await new Setting().open();
    const answer = setting.connection.request(play, 5000);
    setting.socket.onclose?.();
    await vi.advanceTimersByTimeAsync(500);
    setting.socket.welcome();
    expect(setting.sockets).toHaveLength(2);
    expect(setting.socket.sent).toHaveLength(1);
    setting.socket.push({ seq: setting.socket.sent[0]?.seq, reply: {} });
    expect((await answer).case).toBe('reply');
  });

  it('does not carry over what belongs to one connection', async () => {
    const setting = await new Setting().open();
    const answer = setting.connection.requestOnce(play, 5000);
    const refused = expect(answer).rejects.toMatchObject({ code: 'offline' });
    setting.socket.onclose?.();
    await refused;
  });

  it('fails a request when the connection stays away beyond its deadline', async () => {
    const setting = await new Setting().open();
    setting.socket.onclose?.();
    setting.addressError = new Error('unreachable');
    const refused = expect(setting.connection.request(play, 5000)).rejects.toMatchObject({ code: 'offline' });
    await vi.advanceTimersByTimeAsync(5001);
    await refused;
  });

  it('waits longer after each failed attempt', async () => {
    const setting = new Setting();
    setting.addressError = new Error('unreachable');
    setting.connection.start();
    await vi.advanceTimersByTimeAsync(5000);
    const waits = setting.states.flatMap((state) => (state.kind === 'waiting' ? [state.retryIn] : []));
    expect(waits.slice(0, 4)).toEqual([200, 400, 800, 1600]);
  });

  it('comes back after the time that a goodbye asks for', async () => {
    const setting = await new Setting().open();
    setting.socket.push({ goodbye: { code: 'DRAINING', message: 'Restarting.', reconnect: true, reconnectAfter: 3 } });
    setting.socket.onclose?.();
    expect(setting.connection.state).toEqual({ kind: 'waiting', retryIn: 3000 });
  });

  it('ends for good when a goodbye says so', async () => {
    const setting = await new Setting().open();
    const refused = expect(setting.connection.request(play, 5000)).rejects.toMatchObject({ code: 'closed' });
    setting.socket.push({ goodbye: { code: 'KICKED', message: 'You were removed.', reconnect: false } });
    setting.socket.onclose?.();
    await refused;
    expect(setting.connection.state).toEqual({
      kind: 'closed',
      reason: { code: 'kicked', message: 'You were removed.' },
    });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(setting.sockets).toHaveLength(1);
  });

  it('ends for good when a ticket is refused for good', async () => {
    const setting = new Setting();
    setting.addressError = new Error('gone');
    setting.permanent = { code: 'not_found', message: 'This room is unavailable.' };
    setting.connection.start();
    await settle();
    expect(setting.connection.state.kind).toBe('closed');
  });

  it('tries again when no welcome comes', async () => {
    const setting = new Setting();
    setting.connection.start();
    await vi.advanceTimersByTimeAsync(10_001);
    expect(setting.sockets[0]?.closed).toBe(true);
    expect(setting.connection.state.kind).toBe('waiting');
  });

  it('makes a new connection when told that the present one is dead', async () => {
    const setting = await new Setting().open();
    setting.connection.abandon();
    expect(setting.sockets[0]?.closed).toBe(true);
    setting.connection.hurry();
    await settle();
    expect(setting.sockets).toHaveLength(2);
  });

  it('takes a frame that it cannot read for a broken connection', async () => {
    const setting = await new Setting().open();
    setting.socket.onmessage?.({ data: '<html>' });
    expect(setting.connection.state.kind).toBe('waiting');
  });

  it('stays away after a goodbye for good, until it is told to knock once more', async () => {
    const setting = await new Setting().open();
    setting.socket.push({ goodbye: { code: 'ACCESS_REVOKED', message: '', reconnect: false } });
    setting.socket.onclose?.();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([setting.connection.state.kind, setting.sockets.length]).toEqual(['closed', 1]);
    setting.connection.again();
    await settle();
    setting.socket.welcome();
    expect(setting.connection.state.kind).toBe('open');
  });

  it('ends with the reason that it is given', async () => {
    const setting = await new Setting().open();
    setting.connection.stop({ code: 'unauthenticated', message: '' });
    expect(setting.connection.state).toMatchObject({ kind: 'closed', reason: { code: 'unauthenticated' } });
    expect(setting.socket.closed).toBe(true);
  });
});
