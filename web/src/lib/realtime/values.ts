/**
 * The values of a room as the page works with them, made from the messages of the contract:
 * 64-bit integers are numbers (times in microseconds and sequence numbers stay far below 2^53).
 */

import { create } from '@bufbuild/protobuf';
import {
  AutoPlay_Mode,
  AutoPlaySchema,
  Report_Readiness,
  RoomSettingsSchema,
  WaitForBufferingSchema,
  type Access as AccessMessage,
  type Actor as ActorMessage,
  type Chat as ChatPage,
  type ChatMessage as ChatMessageMessage,
  type Folder as FolderMessage,
  type Library as LibraryMessage,
  type MediaItem as MediaItemMessage,
  type Members as MembersMessage,
  type Playback as PlaybackMessage,
  type Presence as PresenceMessage,
  type Room as RoomMessage,
  type RoomSettings as RoomSettingsMessage,
} from './generated/synctv/v1/realtime_pb';
import type { Readiness } from '../sync/driver';

export interface Actor {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
}

export interface MediaItem {
  readonly id: string;
  readonly title: string;
  readonly provider: string;
  readonly kind: string;
  readonly duration: number | null;
  /** The address of a picture. */
  readonly cover: string | null;
  readonly addedBy: Actor | null;
  readonly version: number;
}

/** A folder of the library. A dynamic one holds nothing itself: what is in it, a provider tells when somebody looks. */
export interface Folder {
  readonly id: string;
  /** Null at the top. */
  readonly parentId: string | null;
  readonly title: string;
  readonly dynamic: boolean;
  readonly provider: string | null;
  readonly addedBy: Actor | null;
  readonly version: number;
}

/** What is in one folder: all of its folders, the first of its items, and how many items there are. */
export interface FolderContents {
  readonly folders: readonly Folder[];
  readonly items: readonly MediaItem[];
  readonly total: number;
}

export interface Playback {
  readonly item: MediaItem | null;
  readonly position: number;
  readonly rate: number;
  readonly playing: boolean;
  /** Server microseconds. */
  readonly anchor: number;
  readonly version: number;
  readonly reason: string;
  readonly changedBy: Actor | null;
  readonly operationId: string;
  /** Server microseconds at which the room goes on without those who still buffer; null unless it waits. */
  readonly heldUntil: number | null;
}

export interface ChatMessage {
  readonly id: string;
  readonly clientId: string;
  readonly author: Actor;
  readonly text: string;
  /** Milliseconds since the Unix epoch. */
  readonly sentAt: number;
  readonly position: number | null;
  readonly version: number;
  readonly deleted: boolean;
  readonly roomSeq: number;
}

export interface ChatUpdate {
  readonly messages: readonly ChatMessage[];
  readonly snapshot: boolean;
  readonly hasMore: boolean;
}

export interface Viewer {
  readonly connectionId: string;
  readonly actor: Actor;
  readonly role: string;
  readonly readiness: Readiness;
  /** Seconds. */
  readonly drift: number | null;
  readonly roundTrip: number | null;
}

export interface Presence {
  readonly viewers: readonly Viewer[];
  readonly total: number;
}

/** An account that belongs to the room, whether it is here now or not. */
export interface Member {
  readonly actor: Actor;
  readonly role: string;
  readonly version: number;
}

export type AutoPlayMode = 'off' | 'sequential' | 'repeatOne' | 'repeatAll' | 'shuffle';

export interface RoomSettings {
  readonly allowGuests: boolean;
  readonly requireApproval: boolean;
  readonly chatEnabled: boolean;
  readonly autoPlay: { readonly mode: AutoPlayMode; readonly delaySeconds: number };
  readonly waitForBuffering: { readonly enabled: boolean; readonly maxSeconds: number };
}

export interface Room {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly description: string;
  readonly visibility: string;
  readonly hasPassword: boolean;
  readonly settings: RoomSettings;
  readonly version: number;
}

export interface Access {
  readonly role: string;
  readonly permissions: ReadonlySet<string>;
}

export const AUTO_PLAY_MODES: Readonly<Record<AutoPlayMode, AutoPlay_Mode>> = {
  off: AutoPlay_Mode.OFF,
  sequential: AutoPlay_Mode.SEQUENTIAL,
  repeatOne: AutoPlay_Mode.REPEAT_ONE,
  repeatAll: AutoPlay_Mode.REPEAT_ALL,
  shuffle: AutoPlay_Mode.SHUFFLE,
};

export const READINESS: Readonly<Record<Readiness, Report_Readiness>> = {
  unknown: Report_Readiness.UNKNOWN,
  ready: Report_Readiness.READY,
  buffering: Report_Readiness.BUFFERING,
  ended: Report_Readiness.ENDED,
  waiting: Report_Readiness.WAITING,
};

export function actorFrom(actor: ActorMessage | undefined): Actor | null {
  return actor === undefined || actor.id === '' ? null : { id: actor.id, name: actor.name, kind: actor.kind };
}

export function itemFrom(item: MediaItemMessage): MediaItem {
  return {
    id: item.id,
    title: item.title,
    provider: item.provider,
    kind: item.kind,
    duration: item.duration ?? null,
    cover: item.cover ?? null,
    addedBy: actorFrom(item.addedBy),
    version: Number(item.version),
  };
}

export function folderFrom(folder: FolderMessage): Folder {
  return {
    id: folder.id,
    parentId: folder.parentId ?? null,
    title: folder.title,
    dynamic: folder.dynamic,
    provider: folder.provider ?? null,
    addedBy: actorFrom(folder.addedBy),
    version: Number(folder.version),
  };
}

export function contentsFrom(library: LibraryMessage): FolderContents {
  return {
    folders: library.folders.map(folderFrom),
    items: library.items.map(itemFrom),
    total: library.total,
  };
}

export function playbackFrom(playback: PlaybackMessage): Playback {
  return {
    item: playback.item === undefined ? null : itemFrom(playback.item),
    position: playback.position,
    rate: playback.rate > 0 ? playback.rate : 1,
    playing: playback.playing,
    anchor: Number(playback.anchor),
    version: Number(playback.version),
    reason: playback.reason,
    changedBy: actorFrom(playback.changedBy),
    operationId: playback.operationId,
    heldUntil: playback.hold === undefined ? null : Number(playback.hold.until),
  };
}

export function chatMessageFrom(message: ChatMessageMessage): ChatMessage {
  return {
    id: message.id,
    clientId: message.clientId,
    author: actorFrom(message.author) ?? { id: '', name: '', kind: '' },
    text: message.text,
    sentAt: Number(message.sentAt) / 1000,
    position: message.position ?? null,
    version: Number(message.version),
    deleted: message.deleted,
    roomSeq: Number(message.roomSeq),
  };
}

export function chatFrom(chat: ChatPage): ChatUpdate {
  return { messages: chat.messages.map(chatMessageFrom), snapshot: chat.snapshot, hasMore: chat.hasMore };
}

export function presenceFrom(presence: PresenceMessage): Presence {
  return {
    viewers: presence.viewers.map((viewer) => ({
      connectionId: viewer.connectionId,
      actor: actorFrom(viewer.actor) ?? { id: '', name: '', kind: '' },
      role: viewer.role,
      readiness: named(READINESS, viewer.readiness, 'unknown'),
      drift: viewer.drift ?? null,
      roundTrip: viewer.roundTrip ?? null,
    })),
    total: presence.total,
  };
}

export function membersFrom({ members }: MembersMessage): Member[] {
  return members.flatMap((member) => {
    const actor = actorFrom(member.actor);
    return actor === null ? [] : [{ actor, role: member.role, version: Number(member.version) }];
  });
}

export function roomFrom(room: RoomMessage): Room {
  return {
    id: room.id,
    code: room.code,
    name: room.name,
    description: room.description,
    visibility: room.visibility,
    hasPassword: room.hasPassword,
    version: Number(room.version),
    // A room without settings is one of a server that left all of them at their defaults.
    settings: settingsFrom(room.settings ?? create(RoomSettingsSchema)),
  };
}

function settingsFrom(settings: RoomSettingsMessage): RoomSettings {
  const autoPlay = settings.autoPlay ?? create(AutoPlaySchema);
  const wait = settings.waitForBuffering ?? create(WaitForBufferingSchema);
  return {
    allowGuests: settings.allowGuests,
    requireApproval: settings.requireApproval,
    chatEnabled: settings.chatEnabled,
    autoPlay: { mode: named(AUTO_PLAY_MODES, autoPlay.mode, 'off'), delaySeconds: autoPlay.delaySeconds },
    waitForBuffering: { enabled: wait.enabled, maxSeconds: wait.maxSeconds },
  };
}

export function accessFrom(access: AccessMessage): Access {
  return { role: access.role, permissions: new Set(access.permissions) };
}

function named<Name extends string, Value>(names: Readonly<Record<Name, Value>>, value: Value, fallback: Name): Name {
  return (Object.keys(names) as Name[]).find((name) => names[name] === value) ?? fallback;
}
