/** The chat as the page shows it: the log, and the person's own messages on their way. */

import { newId } from '../ids';
import type { ClientBody, ServerBody } from '../realtime/codec';
import { RealtimeError } from '../realtime/errors';
import { chatMessageFrom, type ChatMessage, type ChatUpdate } from '../realtime/values';
import { EMPTY_LOG, receiveChat, receiveOlder, type ChatLog } from './chatLog';

export interface Outgoing {
  readonly clientId: string;
  readonly text: string;
  /** Why it was not sent; null while it is on its way. */
  readonly failure: RealtimeError | null;
}

export interface ChatOptions {
  readonly request: (body: ClientBody, within: number) => Promise<ServerBody>;
  readonly older: (before: ChatMessage) => Promise<{ messages: readonly ChatMessage[]; hasMore: boolean }>;
}

/** A message survives a reconnect; the same client id makes it the same message. */
const WITHIN = 15_000;

export class ChatStore {
  log = $state.raw<ChatLog>(EMPTY_LOG);
  outgoing = $state.raw<readonly Outgoing[]>([]);
  /** False when the viewer may not read it. */
  readable = $state(true);
  loadingOlder = $state(false);
  readonly #options: ChatOptions;

  constructor(options: ChatOptions) {
    this.#options = options;
  }

  receive(update: ChatUpdate): void {
    this.readable = true;
    this.log = receiveChat(this.log, update);
    const arrived = new Set(update.messages.map((message) => message.clientId));
    this.outgoing = this.outgoing.filter((message) => !arrived.has(message.clientId));
  }

  refuse(): void {
    this.readable = false;
    this.log = EMPTY_LOG;
  }

  send(text: string): void {
    void this.#send({ clientId: newId(), text, failure: null });
  }

  retry(message: Outgoing): void {
    void this.#send({ ...message, failure: null });
  }

  discard(message: Outgoing): void {
    this.outgoing = this.outgoing.filter((other) => other.clientId !== message.clientId);
  }

  async loadOlder(): Promise<void> {
    const first = this.log.messages[0];
    if (first === undefined || this.loadingOlder) return;
    this.loadingOlder = true;
    try {
      const { messages, hasMore } = await this.#options.older(first);
      this.log = receiveOlder(this.log, messages, hasMore);
    } finally {
      this.loadingOlder = false;
    }
  }

  async #send(message: Outgoing): Promise<void> {
    this.#put(message);
    const { clientId, text } = message;
    try {
      const answer = await this.#options.request({ case: 'chatSend', value: { clientId, text } }, WITHIN);
      if (answer.case === 'reply' && answer.value.value.case === 'chat')
        this.#sent(chatMessageFrom(answer.value.value.value));
    } catch (error) {
      if (!(error instanceof RealtimeError)) throw error;
      this.#put({ ...message, failure: error });
    }
  }

  #sent(message: ChatMessage): void {
    this.receive({ messages: [message], snapshot: false, hasMore: false });
  }

  #put(message: Outgoing): void {
    const others = this.outgoing.filter((other) => other.clientId !== message.clientId);
    this.outgoing = [...others, message];
  }
}
