/** One visit to a room: the connection and everything that comes over it. */

import { GuestPass } from '../api/guest';
import type { Credential } from '../api/http';
import { ApiError } from '../api/problem';
import { RoomApi } from '../api/rooms';
import type { HttpChatMessage, Ticket } from '../api/types';
import { sentence } from '../i18n/sentence';
import { t } from '../i18n/locale.svelte';
import { Connection, type CloseReason, type ConnectionState } from '../realtime/connection';
import type { Welcome } from '../realtime/generated/synctv/v1/realtime_pb';
import { Observations, type ObservedValue, type Resource } from '../realtime/observations';
import { Probes } from '../realtime/probes';
import { Reports } from '../realtime/reports';
import {
  accessFrom,
  actorFrom,
  chatFrom,
  contentsFrom,
  membersFrom,
  playbackFrom,
  presenceFrom,
  roomFrom,
  type Access,
  type Actor,
  type ChatMessage,
  type FolderContents,
  type MediaItem,
  type Member,
  type Playback,
  type Presence,
  type Room,
} from '../realtime/values';
import { ServerClock } from '../sync/clock';
import { ChatStore } from './chat.svelte';
import { JoinRequestsStore } from './joinRequests.svelte';
import { NoticesStore } from './notices.svelte';
import { rightsOf, type Rights } from './permissions';
import { PlaybackStore } from './playback.svelte';
import { PlayerStore } from './player.svelte';
import { positionOf, type Command } from './predict';
import { lineFor } from './said';

const NO_ACCESS: Access = { role: '', permissions: new Set() };
/** So that a server which lets somebody in and out again causes no circle. */
const ASK_AGAIN_MS = 60_000;
const SIGNED_OUT = { kind: 'closed', reason: { code: 'unauthenticated', message: '' } } as const;
const COMMAND_KINDS_TO_NAVIGATE: ReadonlySet<Command['kind']> = new Set(['select', 'next', 'previous', 'stop']);

export class RoomStore {
  connection = $state.raw<ConnectionState>({ kind: 'connecting' });
  /** Whether there has been a connection before; then a new attempt is a return. */
  connectedOnce = $state(false);
  self = $state.raw<Actor | null>(null);
  connectionId = $state('');
  access = $state.raw<Access>(NO_ACCESS);
  room = $state.raw<Room | null>(null);
  presence = $state.raw<Presence>({ viewers: [], total: 0 });
  presenceHidden = $state(false);
  /** Who belongs to the room; empty when the viewer may not see it. */
  members = $state.raw<readonly Member[]>([]);
  /** The top folder of the library. Null until it is known; also when the viewer may not see it. */
  top = $state.raw<FolderContents | null>(null);
  readonly queue: readonly MediaItem[] | null = $derived(this.top?.items ?? null);
  queueHidden = $state(false);
  /** Milliseconds; null before the first measurement. */
  roundTrip = $state<number | null>(null);
  readonly rights: Rights = $derived(rightsOf(this.access));

  readonly clock = new ServerClock();
  readonly notices = new NoticesStore();
  readonly api: RoomApi;
  readonly playback: PlaybackStore;
  readonly chat: ChatStore;
  readonly player: PlayerStore;
  readonly requests: JoinRequestsStore;
  readonly #credential: Credential;
  readonly #connection: Connection;
  readonly #observations: Observations;
  readonly #probes: Probes;
  readonly #reports: Reports;
  readonly #end = new AbortController();
  #askedAt = -Infinity;

  constructor(roomId: string, credential: Credential) {
    this.#credential = credential;
    this.api = new RoomApi(credential, roomId);
    this.#connection = new Connection({
      address: () => this.#address(),
      permanent: permanentReason,
      onState: (state) => this.#changeState(state),
      onWelcome: (welcome) => this.#welcomed(welcome),
      onPush: (body) => this.#observations.receive(body),
    });
    const request = this.#connection.request.bind(this.#connection);
    const requestOnce = this.#connection.requestOnce.bind(this.#connection);
    this.#observations = new Observations(requestOnce);
    this.#probes = new Probes({
      clock: this.clock,
      request: requestOnce,
      onDead: () => this.#connection.abandon(),
      onMeasured: () => (this.roundTrip = this.clock.roundTripMs),
    });
    this.playback = new PlaybackStore({
      request,
      now: () => this.serverNow(),
      onForeignChange: (playback) => this.#tell(playback),
      onFailure: (error) => this.notices.say(sentence(error), 'problem'),
    });
    this.chat = new ChatStore({ request, older: (before) => this.#olderChat(before) });
    this.player = new PlayerStore({
      clock: this.clock,
      playable: (profile) => this.api.playable(profile),
      onReadiness: () => this.#reports.now(),
    });
    this.requests = new JoinRequestsStore({
      api: this.api,
      onAsked: ({ account }) => this.notices.say(t('requests.asks', { name: account.username })),
    });
    this.#reports = new Reports(
      (body) => this.#connection.tell(body),
      () => this.#report(),
    );
    this.#observeAll();
  }

  start(): void {
    const { signal } = this.#end;
    this.#connection.start();
    addEventListener('online', () => this.#connection.hurry(), { signal });
    document.addEventListener('visibilitychange', () => this.#shown(), { signal });
  }

  stop(): void {
    this.#end.abort();
    this.#probes.stop();
    this.#reports.stop();
    this.#connection.stop();
    this.requests.stop();
    this.player.detach();
  }

  /** Server microseconds. */
  serverNow(): number {
    return this.clock.nowMicros(performance.now());
  }

  get online(): boolean {
    return this.connection.kind === 'open';
  }

  may(command: Command['kind']): boolean {
    return COMMAND_KINDS_TO_NAVIGATE.has(command) ? this.rights.navigate : this.rights.control;
  }

  /** Does nothing for a viewer who may not: the controls say so. */
  command(command: Command): void {
    if (this.may(command.kind)) this.playback.command(command);
  }

  togglePlaying(): void {
    const shown = this.playback.shown;
    if (shown?.item == null) return;
    if (shown.playing) this.command({ kind: 'pause', at: positionOf(shown, this.serverNow()) });
    else this.command({ kind: 'play' });
  }

  /** Seconds, from where the shared playback stands now. */
  seekBy(seconds: number): void {
    const shown = this.playback.shown;
    if (shown?.item == null || shown.item.kind === 'live') return;
    const end = shown.item.duration ?? this.player.status?.duration ?? Infinity;
    const position = Math.min(end, Math.max(0, positionOf(shown, this.serverNow()) + seconds));
    this.command({ kind: 'seek', position });
  }

  /** Shows what is in a folder, until what it returns is called. `onRefused`: it is gone, or no longer for this viewer. */
  observeFolder(folderId: string, onContents: (contents: FolderContents) => void, onRefused: () => void): () => void {
    return this.#observations.begin({
      id: `folder:${folderId}`,
      resource: { case: 'library', value: { folderId } },
      replayed: false,
      onValue: (value) => value.case === 'library' && onContents(contentsFrom(value.value)),
      onRefused,
    });
  }

  async #address(): Promise<string> {
    const { ticket, url } = await this.#ticket();
    const address = new URL(url, location.href);
    address.protocol = address.protocol.replace('http', 'ws');
    address.searchParams.set('ticket', ticket);
    return address.toString();
  }

  /** A refusal while there still is a session means that it could not be renewed just now. */
  async #ticket(): Promise<Ticket> {
    try {
      return await this.api.ticket();
    } catch (error) {
      const passing = error instanceof ApiError && error.status === 401 && (await this.#credential.token()) !== null;
      throw passing ? new ApiError('unavailable', 0, '') : error;
    }
  }

  #changeState(state: ConnectionState): void {
    this.connection = state;
    if (state.kind === 'open') return;
    this.#observations.pause();
    this.#probes.stop();
    this.#reports.stop();
    if (state.kind !== 'closed') return;
    this.#ended(state.reason);
    const again = performance.now() - this.#askedAt < ASK_AGAIN_MS;
    if (state.reason.code === 'access_revoked' && !again) void this.#askAboutSession();
  }

  /** Leaves the room because the session that the person is here with has ended. */
  expel(): void {
    this.#connection.stop(SIGNED_OUT.reason);
  }

  #ended({ code }: CloseReason): void {
    this.requests.stop();
    // The pass is worthless now; without it the door asks for a name again.
    if (code === 'guest_access_revoked') void this.#credential.renew();
  }

  /**
   * Access ends with membership, and with the session, as when that was ended from another device or the password was
   * changed in another tab. Only asking tells them apart: who still has a session knocks once more.
   */
  async #askAboutSession(): Promise<void> {
    this.#askedAt = performance.now();
    this.connection = { kind: 'connecting' };
    await this.#credential.renew();
    if (this.#end.signal.aborted) return;
    if ((await this.#credential.token()) === null) this.connection = SIGNED_OUT;
    else this.#connection.again();
  }

  #welcomed(welcome: Welcome): void {
    this.connectedOnce = true;
    this.connectionId = welcome.connectionId;
    this.self = actorFrom(welcome.actor);
    this.#admit({ role: welcome.role, permissions: new Set(welcome.permissions) });
    this.#probes.start();
    this.#reports.start();
    this.#observations.renew();
  }

  #admit(access: Access): void {
    this.access = access;
    this.requests.allow(this.rights.reviewRequests);
  }

  #shown(): void {
    if (document.visibilityState !== 'visible') return;
    if (this.online) this.#probes.start();
    else this.#connection.hurry();
  }

  #observeAll(): void {
    this.#observe('playback', { case: 'playback', value: {} }, true);
    this.#observe('presence', { case: 'presence', value: {} }, false, () => (this.presenceHidden = true));
    this.#observe('members', { case: 'members', value: {} }, false, () => (this.members = []));
    this.#observe('settings', { case: 'settings', value: {} });
    this.#observe('self', { case: 'self', value: {} });
    this.#observe('chat', { case: 'chat', value: {} }, true, () => this.chat.refuse());
    this.#observe('library', { case: 'library', value: {} }, false, () => {
      this.queueHidden = true;
      this.top = null;
    });
  }

  #observe(id: string, resource: Resource, replayed = false, onRefused: () => void = () => undefined): void {
    this.#observations.add({ id, resource, replayed, onRefused, onValue: (value) => this.#receive(value) });
  }

  #receive(value: ObservedValue): void {
    switch (value.case) {
      case 'playback':
        this.playback.receive(playbackFrom(value.value));
        break;
      case 'presence':
        this.presenceHidden = false;
        this.presence = presenceFrom(value.value);
        break;
      case 'members':
        this.members = membersFrom(value.value);
        // Asking, taking back and being let in all show here.
        this.requests.refresh();
        break;
      case 'settings':
        this.room = roomFrom(value.value);
        break;
      case 'self':
        this.#admit(accessFrom(value.value));
        this.#observations.retryRefused();
        break;
      case 'chat':
        this.chat.receive(chatFrom(value.value));
        break;
      case 'library':
        this.queueHidden = false;
        this.top = contentsFrom(value.value);
        break;
    }
  }

  #tell(playback: Playback): void {
    const line = lineFor(playback, t('said.someone'));
    if (line !== null) this.notices.say(t(line.key, line.values));
  }

  #report() {
    const item = this.playback.shown?.item;
    if (item === undefined || item === null) return null;
    const { status, standing } = this.player;
    return {
      itemId: item.id,
      ...standing,
      position: status?.position ?? 0,
      duration: status?.duration ?? null,
      drift: status?.drift ?? null,
      roundTrip: this.roundTrip === null ? null : this.roundTrip / 1000,
    };
  }

  async #olderChat(before: ChatMessage): Promise<{ messages: ChatMessage[]; hasMore: boolean }> {
    const page = await this.api.chatBefore(before.roomSeq);
    return { messages: page.items.map(fromHttp), hasMore: page.items.length > 0 && page.nextCursor !== null };
  }
}

function fromHttp(message: HttpChatMessage): ChatMessage {
  return { ...message, sentAt: Date.parse(message.sentAt) };
}

/** The server's refusal of a ticket is final unless it is about load or a dependency. */
function permanentReason(error: unknown): CloseReason | null {
  if (!(error instanceof ApiError)) return null;
  const final = [401, 403, 404].includes(error.status);
  return final ? { code: error.code, message: error.message } : null;
}

/** Who the person is in this room: the guest of this tab, else the account. */
export function credentialFor(roomId: string, account: Credential | null): Credential | null {
  return account ?? GuestPass.of(roomId);
}
