/**
 * One realtime connection that comes back by itself.
 *
 * Requests are answered by `seq`. A request that is unanswered when the connection is lost, or made while there is none,
 * is sent again on the next one until its deadline passes: everything that is requested here is idempotent, by operation
 * id, by client id or by nature.
 */

import { backoff } from './backoff';
import { decodeFrame, encodeFrame, SUBPROTOCOL, type ClientBody, type ServerBody } from './codec';
import { RealtimeError } from './errors';
import { Goodbye_Code, type Goodbye, type ServerFrame, type Welcome } from './generated/synctv/v1/realtime_pb';

/** `code` is a lower-case goodbye code or an error code of the API. */
export interface CloseReason {
  readonly code: string;
  readonly message: string;
}

export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open' }
  /** `retryIn`: milliseconds. */
  | { readonly kind: 'waiting'; readonly retryIn: number }
  /** For good. */
  | { readonly kind: 'closed'; readonly reason: CloseReason };

/** What is used of a WebSocket. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  send(text: string): void;
  close(): void;
}

export interface ConnectionOptions {
  /** A fresh address with a single-use ticket. */
  readonly address: () => Promise<string>;
  /** The reason when trying again is pointless, else null. */
  readonly permanent: (error: unknown) => CloseReason | null;
  readonly onState: (state: ConnectionState) => void;
  /** Called once per connection, before anything else is sent on it. */
  readonly onWelcome: (welcome: Welcome) => void;
  /** Frames that answer no request. */
  readonly onPush: (body: ServerBody) => void;
  readonly openSocket?: (url: string, subprotocol: string) => Socket;
  readonly random?: () => number;
}

interface Pending {
  readonly body: ClientBody;
  /** Whether it is sent again on the next connection. */
  readonly lasting: boolean;
  seq: number | null;
  readonly resolve: (body: ServerBody) => void;
  readonly reject: (error: RealtimeError) => void;
  readonly deadline: ReturnType<typeof setTimeout>;
}

const WELCOME_WITHIN = 10_000;
/** Requests that wait for a connection or an answer; more means that something is wrong. */
const MOST_PENDING = 200;

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #pending = new Set<Pending>();
  #state: ConnectionState = { kind: 'connecting' };
  #socket: Socket | null = null;
  #seq = 0;
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #goodbye: Goodbye | null = null;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  start(): void {
    void this.#connect();
  }

  /** Ends the connection for good. */
  stop(reason: CloseReason = { code: 'closed', message: '' }): void {
    this.#close(reason);
  }

  /** Does not wait any longer before the next attempt, as when the network is back. */
  hurry(): void {
    if (this.#state.kind !== 'waiting') return;
    clearTimeout(this.#timer);
    void this.#connect();
  }

  /** Connects once more after the end. */
  again(): void {
    if (this.#state.kind === 'closed') void this.#connect();
  }

  /** Gives up a connection that no longer answers, and makes a new one. */
  abandon(): void {
    if (this.#socket !== null) this.#lost(this.#socket);
  }

  /** Sends without expecting anything back; dropped while there is no connection. */
  tell(body: ClientBody): void {
    if (this.#state.kind === 'open') this.#transmit(body);
  }

  /**
   * The answer to `body`. Rejects with a `RealtimeError`: the server's failure, or `offline` when no answer came
   * within `within` milliseconds, whatever the connection did meanwhile.
   */
  request(body: ClientBody, within: number): Promise<ServerBody> {
    return this.#ask(body, within, true);
  }

  /** Like `request`, for what belongs to one connection: rejects with `offline` when that is lost. */
  requestOnce(body: ClientBody, within: number): Promise<ServerBody> {
    return this.#ask(body, within, false);
  }

  #ask(body: ClientBody, within: number, lasting: boolean): Promise<ServerBody> {
    if (this.#state.kind === 'closed') return Promise.reject(closedError(this.#state.reason));
    if (this.#pending.size >= MOST_PENDING) return Promise.reject(offlineError());
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => {
        this.#pending.delete(pending);
        reject(offlineError());
      }, within);
      const pending: Pending = { body, lasting, seq: null, resolve, reject, deadline };
      this.#pending.add(pending);
      if (this.#state.kind === 'open') pending.seq = this.#transmit(body);
    });
  }

  async #connect(): Promise<void> {
    this.#enter({ kind: 'connecting' });
    try {
      const url = await this.#options.address();
      if (this.#state.kind === 'connecting') this.#open(url);
    } catch (error) {
      if (this.#state.kind !== 'connecting') return;
      const reason = this.#options.permanent(error);
      if (reason === null) this.#retry(null);
      else this.#close(reason);
    }
  }

  #open(url: string): void {
    const open = this.#options.openSocket ?? ((to, subprotocol) => new WebSocket(to, subprotocol) as Socket);
    const socket = open(url, SUBPROTOCOL);
    this.#socket = socket;
    this.#goodbye = null;
    this.#timer = setTimeout(() => this.#lost(socket), WELCOME_WITHIN);
    socket.onmessage = (event) => this.#receive(socket, event.data);
    socket.onclose = () => this.#lost(socket);
  }

  #receive(socket: Socket, data: unknown): void {
    if (socket !== this.#socket || typeof data !== 'string') return;
    const frame = decodeFrame(data);
    if (frame === null) this.#lost(socket);
    else this.#dispatch(frame);
  }

  #dispatch(frame: ServerFrame): void {
    if (frame.body.case === 'welcome') this.#welcomed(frame.body.value);
    else if (frame.body.case === 'goodbye') this.#goodbye = frame.body.value;
    else if (frame.seq === 0) this.#options.onPush(frame.body);
    else this.#answer(frame);
  }

  #welcomed(welcome: Welcome): void {
    clearTimeout(this.#timer);
    this.#attempt = 0;
    this.#enter({ kind: 'open' });
    this.#options.onWelcome(welcome);
    for (const pending of this.#pending) pending.seq ??= this.#transmit(pending.body);
  }

  #answer({ seq, body }: ServerFrame): void {
    for (const pending of this.#pending) {
      if (pending.seq !== seq) continue;
      this.#pending.delete(pending);
      clearTimeout(pending.deadline);
      if (body.case === 'failure') pending.reject(RealtimeError.from(body.value));
      else pending.resolve(body);
      return;
    }
  }

  #transmit(body: ClientBody): number {
    this.#seq += 1;
    this.#socket?.send(encodeFrame(this.#seq, body));
    return this.#seq;
  }

  #lost(socket: Socket): void {
    if (socket !== this.#socket) return;
    this.#detach();
    this.#setAside();
    const goodbye = this.#goodbye;
    if (goodbye === null || goodbye.reconnect) this.#retry(goodbye);
    else this.#close({ code: Goodbye_Code[goodbye.code].toLowerCase(), message: goodbye.message });
  }

  #setAside(): void {
    for (const pending of this.#pending) {
      pending.seq = null;
      if (pending.lasting) continue;
      this.#pending.delete(pending);
      clearTimeout(pending.deadline);
      pending.reject(offlineError());
    }
  }

  #detach(): void {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }

  #retry(goodbye: Goodbye | null): void {
    const random = (this.#options.random ?? Math.random)();
    const asked = (goodbye?.reconnectAfter ?? 0) * 1000;
    const retryIn = asked > 0 ? asked * (1 + random / 2) : backoff(this.#attempt, random);
    this.#attempt += 1;
    this.#enter({ kind: 'waiting', retryIn });
    this.#timer = setTimeout(() => void this.#connect(), retryIn);
  }

  #close(reason: CloseReason): void {
    if (this.#state.kind === 'closed') return;
    this.#detach();
    this.#enter({ kind: 'closed', reason });
    for (const pending of this.#pending) {
      clearTimeout(pending.deadline);
      pending.reject(closedError(reason));
    }
    this.#pending.clear();
  }

  #enter(state: ConnectionState): void {
    this.#state = state;
    this.#options.onState(state);
  }
}

function offlineError(): RealtimeError {
  return new RealtimeError('offline', 'The server did not answer in time.');
}

function closedError(reason: CloseReason): RealtimeError {
  return new RealtimeError('closed', reason.message);
}
