/** The chat of a room: in order, every message once, however often it was pushed. */

import type { ChatMessage, ChatUpdate } from '../realtime/values';

export interface ChatLog {
  readonly messages: readonly ChatMessage[];
  /** Whether the server has older ones. */
  readonly hasMore: boolean;
}

export const EMPTY_LOG: ChatLog = { messages: [], hasMore: false };

/** What is kept in the page; older messages can be loaded again. */
const KEPT = 2000;

export function receiveChat(log: ChatLog, update: ChatUpdate): ChatLog {
  if (update.snapshot && !continues(log, update)) {
    return { messages: inOrder(update.messages), hasMore: update.hasMore };
  }
  const messages = merge(log.messages, update.messages);
  const dropped = messages.length > KEPT;
  return { messages: dropped ? messages.slice(-KEPT) : messages, hasMore: log.hasMore || dropped };
}

/** Adds a page of older messages in front. */
export function receiveOlder(log: ChatLog, older: readonly ChatMessage[], hasMore: boolean): ChatLog {
  return { messages: merge(log.messages, older), hasMore };
}

/** A fresh snapshot that leaves out what lies between it and the log would hide a gap. */
function continues(log: ChatLog, update: ChatUpdate): boolean {
  if (log.messages.length === 0) return false;
  const known = new Set(log.messages.map((message) => message.id));
  return !update.hasMore || update.messages.some((message) => known.has(message.id));
}

function merge(present: readonly ChatMessage[], incoming: readonly ChatMessage[]): readonly ChatMessage[] {
  const byId = new Map(present.map((message) => [message.id, message]));
  for (const message of incoming) {
    const known = byId.get(message.id);
    if (known === undefined || message.version >= known.version) byId.set(message.id, placed(message, known));
  }
  return inOrder([...byId.values()]);
}

/** A changed message keeps the place that it was sent at. */
function placed(message: ChatMessage, known: ChatMessage | undefined): ChatMessage {
  return known === undefined ? message : { ...message, sentAt: known.sentAt };
}

/** Ids are UUIDv7: they grow with time and settle what was sent in the same instant. */
function inOrder(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  return [...messages].sort((a, b) => a.sentAt - b.sentAt || (a.id < b.id ? -1 : 1));
}
