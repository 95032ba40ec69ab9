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
  };
}
