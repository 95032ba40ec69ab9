/** The values of the HTTP API that the page uses. */

export interface PasswordPolicy {
  /** Characters. */
  readonly minLength: number;
  /** Of lower case, upper case, digits and others. */
  readonly minClasses: number;
  /** Of one character in a row; 0 for any number. */
  readonly maxRepeats: number;
  /** 0 to 4 of an estimate of strength; 0 asks for none. */
  readonly minScore: number;
}

export interface ProviderView {
  readonly slug: string;
  readonly name: string;
  /** Whether it lets newcomers in. */
  readonly signUp: boolean;
}

export interface Features {
  readonly setupRequired: boolean;
  readonly guests: boolean;
  readonly passwordSignIn: boolean;
  readonly opaque: boolean;
  /** Somebody's password was set before there was OPAQUE here, and can only be checked where it is sent. */
  readonly plainPasswords: boolean;
  readonly mail: boolean;
  readonly emailSignIn: boolean;
  readonly passkeys: boolean;
  readonly signUp: { readonly password: boolean; readonly email: boolean; readonly passkey: boolean };
  readonly emailRequired: boolean;
  /** For so many days a closed account can be brought back. */
  readonly closedAccountDays: number;
  readonly passwordPolicy: PasswordPolicy;
  readonly providers: readonly ProviderView[];
}

export interface ServerInfo {
  readonly name: string;
  readonly version: string;
  readonly features: Features;
  readonly realtimeUrl: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

export interface RoomSummary {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly description: string;
  readonly visibility: 'public' | 'unlisted';
  readonly hasPassword: boolean;
  readonly owner: { readonly id: string; readonly username: string };
  readonly viewer: { readonly role: string; readonly permissions: readonly string[] } | null;
  readonly online: number;
  readonly settings: { readonly permissions: { readonly guest: PermissionChange } };
  readonly nowPlaying?: { readonly title: string } | null;
}

export interface Invite {
  readonly roomId: string;
  readonly code: string;
  readonly name: string;
  readonly description: string;
  readonly hasPassword: boolean;
  readonly requireApproval: boolean;
  readonly guestsAllowed: boolean;
  readonly owner: { readonly id: string; readonly username: string };
  readonly online: number;
  readonly viewer: { readonly role: string } | null;
}

export interface NewRoom {
  readonly name: string;
  readonly visibility: 'public' | 'unlisted';
  readonly password?: string;
  readonly settings?: RoomSettingsChange;
}

export interface RoomSettingsChange {
  readonly allowGuests?: boolean;
  readonly requireApproval?: boolean;
  readonly chatEnabled?: boolean;
  readonly autoPlay?: { readonly mode: string; readonly delaySeconds: number };
  readonly waitForBuffering?: { readonly enabled: boolean; readonly maxSeconds: number };
  readonly permissions?: { readonly guest?: PermissionChange };
}

/** What a room adds to and removes from the permissions of a role. */
export interface PermissionChange {
  readonly added: readonly string[];
  readonly removed?: readonly string[];
}

export interface RoomChange {
  readonly name?: string;
  readonly visibility?: 'public' | 'unlisted';
  /** Null takes the password away. */
  readonly password?: string | null;
  readonly settings?: RoomSettingsChange;
  readonly expectedVersion?: number;
}

export type JoinAnswer = { readonly membership: unknown } | { readonly review: unknown };

/** An account that waits to be let in. */
export interface JoinRequest {
  readonly account: { readonly id: string; readonly username: string };
  readonly message: string;
  /** RFC 3339. */
  readonly requestedAt: string;
}

export interface JoinRequestPage extends Page<JoinRequest> {
  readonly total: number;
}

export interface GuestAnswer {
  readonly token: string;
  /** Seconds. */
  readonly expiresIn: number;
  readonly guest: { readonly id: string; readonly displayName: string };
  readonly roomId: string;
}

/** Which way the bytes of a film come to the viewer: wished for, or insisted on. */
export type DeliveryMode = 'auto' | 'proxy_only' | 'proxy_preferred' | 'direct_preferred' | 'direct_only';

/** One way to play an item. A public one stands there twice: directly, and through the server as `id~proxy`. */
export interface Variant {
  readonly id: string;
  readonly label: string;
  readonly url: string;
  readonly delivery: 'direct' | 'proxy';
  /** `mp4`, `webm`, `mkv`, `hls`, `dash`, `flv`, `mpegts`, `mp3`, `aac`, `ogg`, `flac` or `wav`. */
  readonly container: string;
  /** RFC 6381, separated by commas. */
  readonly codecs: string | null;
  readonly width: number | null;
  readonly height: number | null;
  /** Bits a second. */
  readonly bitrate: number | null;
  /** What has to be sent by whoever fetches the bytes. */
  readonly headers: Readonly<Record<string, string>>;
  readonly live: boolean;
}

/** A text track, always WebVTT. */
export interface SubtitleTrack {
  readonly id: string;
  readonly label: string;
  /** BCP 47, or null where nobody said. */
  readonly language: string | null;
  readonly url: string;
  readonly default: boolean;
}

export interface DanmakuTrack {
  readonly id: string;
  readonly label: string;
  readonly url: string;
}

export interface Chapter {
  /** Seconds. */
  readonly start: number;
  readonly title: string;
}

export interface Playable {
  readonly itemId: string;
  /** Best first. */
  readonly variants: readonly Variant[];
  readonly subtitles: readonly SubtitleTrack[];
  readonly danmaku: readonly DanmakuTrack[];
  readonly chapters: readonly Chapter[];
  /** RFC 3339; null when the addresses stay good. */
  readonly expiresAt: string | null;
}

/** A comment that flies over the picture. */
export interface Comment {
  /** Seconds of the film. */
  readonly time: number;
  readonly mode: 'scroll' | 'top' | 'bottom';
  /** 0xRRGGBB. */
  readonly color: number;
  readonly text: string;
}

export interface Ticket {
  readonly ticket: string;
  readonly url: string;
}

export interface HttpChatMessage {
  readonly id: string;
  readonly clientId: string;
  readonly author: { readonly id: string; readonly name: string; readonly kind: string };
  readonly text: string;
  /** RFC 3339. */
  readonly sentAt: string;
  readonly position: number | null;
  readonly version: number;
  readonly deleted: boolean;
  readonly roomSeq: number;
}
