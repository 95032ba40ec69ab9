import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import type { ClientBody, ServerBody } from './codec';
import { RealtimeError } from './errors';
import { ServerFrameSchema } from './generated/synctv/v1/realtime_pb';
import { Observations, type ObservedValue } from './observations';

type FrameInit = NonNullable<Parameters<typeof create<typeof ServerFrameSchema>>[1]>;

function body(init: NonNullable<FrameInit['body']>): ServerBody {
  return create(ServerFrameSchema, { body: init } as FrameInit).body;
}

class Server {
  readonly asked: ClientBody[] = [];
  refusal: RealtimeError | null = null;
  roomSeq = 10n;
  changed = true;
  readonly request = (asked: ClientBody): Promise<ServerBody> => {
    this.asked.push(asked);
    if (this.refusal !== null) return Promise.reject(this.refusal);
    return Promise.resolve(
      body({ case: 'observed', value: { id: 'chat', roomSeq: this.roomSeq, changed: this.changed } }),
    );
  };
}

function chatOf(server: Server) {
  const seen: { values: ObservedValue[]; refused: string[] } = { values: [], refused: [] };
  const observations = new Observations(server.request);
  observations.add({
    id: 'chat',
    resource: { case: 'chat', value: {} },
    replayed: true,
    onValue: (value) => seen.values.push(value),
    onRefused: (error) => seen.refused.push(error.code),
  });
  return { observations, seen };
}

const afterOf = (asked: ClientBody | undefined) => (asked?.case === 'observe' ? asked.value.afterSeq : undefined);
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

describe('Observations', () => {
  it('asks without a sequence first and then from the last one it saw', async () => {
    const server = new Server();
    const { observations, seen } = chatOf(server);
    observations.renew();
    await settle();
    observations.receive(
      body({ case: 'changed', value: { id: 'chat', roomSeq: 41n, value: { case: 'chat', value: {} } } }),
    );
    observations.renew();
    expect(afterOf(server.asked[0])).toBeUndefined();
    expect(afterOf(server.asked[1])).toBe(41n);
    expect(seen.values).toHaveLength(1);
  });

  it('does not claim to have what was announced but not yet pushed', async () => {
    const server = new Server();
    const { observations } = chatOf(server);
    observations.renew();
    await settle();
    observations.renew();
    expect(afterOf(server.asked[1])).toBeUndefined();
  });

  it('keeps the sequence at which nothing had changed', async () => {
    const server = new Server();
    server.changed = false;
    const { observations } = chatOf(server);
    observations.renew();
    await settle();
    observations.renew();
    expect(afterOf(server.asked[1])).toBe(10n);
  });

  it('tries a refused one again when asked to, from the beginning', async () => {
    const server = new Server();
    server.refusal = new RealtimeError('permission_denied', 'No.');
    const { observations, seen } = chatOf(server);
    observations.renew();
    await settle();
    expect(seen.refused).toEqual(['permission_denied']);
    server.refusal = null;
    observations.retryRefused();
    observations.retryRefused();
    expect(server.asked).toHaveLength(2);
  });

  it('says when the server ends one', () => {
    const { observations, seen } = chatOf(new Server());
    observations.receive(
      body({ case: 'observeFailed', value: { id: 'chat', code: 'permission_denied', message: 'Gone.' } }),
    );
    expect(seen.refused).toEqual(['permission_denied']);
  });

  it('leaves a lost connection to the next renewal', async () => {
    const server = new Server();
    server.refusal = new RealtimeError('offline', '');
    const { observations, seen } = chatOf(server);
    observations.renew();
    await settle();
    expect(seen.refused).toEqual([]);
  });

  it('begins one at once while there is a connection, and ends it', async () => {
    const server = new Server();
    const { observations } = chatOf(server);
    const values: ObservedValue[] = [];
    const folder = {
      id: 'folder:1',
      resource: { case: 'library', value: { folderId: 'list_1' } },
      replayed: false,
      onValue: (value: ObservedValue) => values.push(value),
      onRefused: () => undefined,
    } as const;
    observations.begin(folder)();
    expect(server.asked.map((asked) => asked.case)).toEqual([]);
    observations.renew();
    const end = observations.begin(folder);
    expect(server.asked.map((asked) => asked.case)).toEqual(['observe', 'observe']);
    const pushed = body({
      case: 'changed',
      value: { id: 'folder:1', roomSeq: 11n, value: { case: 'library', value: {} } },
    });
    observations.receive(pushed);
    end();
    observations.receive(pushed);
    expect([server.asked.at(-1)?.case, values.length]).toEqual(['unobserve', 1]);
    observations.pause();
    observations.begin(folder);
    expect(server.asked.at(-1)?.case).toBe('unobserve');
    observations.renew();
    expect(server.asked.filter((asked) => asked.case === 'observe')).toHaveLength(4);
  });

  it('does not end at the server what the server refused', async () => {
    const server = new Server();
    const { observations } = chatOf(server);
    observations.renew();
    server.refusal = new RealtimeError('not_found', 'Gone.');
    const refused: string[] = [];
    const end = observations.begin({
      id: 'folder:1',
      resource: { case: 'library', value: { folderId: 'list_1' } },
      replayed: false,
      onValue: () => undefined,
      onRefused: ({ code }) => refused.push(code),
    });
    await settle();
    end();
    expect([refused, server.asked.at(-1)?.case]).toEqual([['not_found'], 'observe']);
  });
});
