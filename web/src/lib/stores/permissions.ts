/** What the viewer may do in a room. */

import type { Access } from '../realtime/values';

export interface Rights {
  /** Play, pause, seek, rate. */
  readonly control: boolean;
  /** Choose, next, previous. */
  readonly navigate: boolean;
  readonly addMedia: boolean;
  readonly reorderMedia: boolean;
  readonly deleteMedia: boolean;
  readonly readChat: boolean;
  readonly writeChat: boolean;
  readonly browse: boolean;
  readonly settings: boolean;
  /** Let those in who ask to join, or turn them away. */
  readonly reviewRequests: boolean;
  readonly removeMembers: boolean;
  /** Change the roles of others. */
  readonly manageMembers: boolean;
}

/** What lets a guest take part in the conversation. */
const CONVERSATION = ['send_chat_messages', 'view_chat_history', 'view_members'] as const;

export function guestsMayChat(added: readonly string[]): boolean {
  return CONVERSATION.every((permission) => added.includes(permission));
}

/** `added` with or without the conversation; anything else in it stays. */
export function withConversation(added: readonly string[], granted: boolean): string[] {
  const others = added.filter((permission) => !CONVERSATION.some((known) => known === permission));
  return granted ? [...others, ...CONVERSATION] : others;
}

export function rightsOf({ permissions }: Access): Rights {
  const has = (permission: string) => permissions.has(permission);
  return {
    control: has('control_playback_state'),
    navigate: has('navigate_playback'),
    addMedia: has('manage_own_media'),
    reorderMedia: has('reorder_media'),
    deleteMedia: has('delete_media'),
    readChat: has('view_chat_history'),
    writeChat: has('send_chat_messages'),
    browse: has('browse_library'),
    settings: has('manage_room_settings'),
    reviewRequests: has('review_join_requests'),
    removeMembers: has('remove_members'),
    manageMembers: has('manage_member_permissions'),
  };
}
