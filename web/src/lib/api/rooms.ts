/** Rooms and what is in them. */

import { Http, type Credential } from './http';
import type {
  HttpChatMessage,
  Invite,
  JoinAnswer,
  JoinRequestPage,
  NewRoom,
  Page,
  Playable,
  RoomChange,
  RoomSummary,
  Ticket,
} from './types';

/** Some sources have to be asked by the server first, and take their time. */
const PLAYABLE_WITHIN = 60_000;

/** What may be asked before being in a room, and the rooms of an account. */
export class RoomsApi {
  readonly #http: Http;

  constructor(credential: Credential) {
    this.#http = new Http(credential);
  }

  list(query: { mine?: boolean; query?: string; cursor?: string }): Promise<Page<RoomSummary>> {
    return this.#http.get('/rooms', query);
  }

  create(room: NewRoom): Promise<RoomSummary> {
    return this.#http.post('/rooms', room);
  }

  /** `room` is an id or an invite code. */
  invite(room: string): Promise<Invite> {
    return this.#http.get(`/invites/${encodeURIComponent(room)}`);
  }

  join(roomId: string, body: { password?: string; message?: string }): Promise<JoinAnswer> {
    return this.#http.post(`/rooms/${encodeURIComponent(roomId)}/join`, body);
  }

  /** Takes a request to join back. */
  takeBack(roomId: string): Promise<void> {
    return this.#http.post(`/rooms/${encodeURIComponent(roomId)}/leave`);
  }
}

/** One room, for somebody who is in it. */
export class RoomApi {
  readonly #http: Http;
  readonly #roomId: string;
  readonly #path: string;

  constructor(credential: Credential, roomId: string) {
    this.#http = new Http(credential);
    this.#roomId = roomId;
    this.#path = `/rooms/${encodeURIComponent(roomId)}`;
  }

  get(): Promise<RoomSummary> {
    return this.#http.get(this.#path);
  }

  change(change: RoomChange): Promise<RoomSummary> {
    return this.#http.patch(this.#path, change);
  }

  delete(): Promise<void> {
    return this.#http.delete(this.#path);
  }

  leave(): Promise<void> {
    return this.#http.post(`${this.#path}/leave`);
  }

  /** Those who wait to be let in, as many as one answer holds, and how many there are. */
  joinRequests(): Promise<JoinRequestPage> {
    return this.#http.get(`${this.#path}/join-requests`, { limit: 100 });
  }

  decideJoinRequest(accountId: string, decision: 'approve' | 'reject'): Promise<void> {
    return this.#http.post(`${this.#path}/join-requests/${encodeURIComponent(accountId)}/${decision}`);
  }

  /** Changes a member's role unless the member is no longer at `expectedVersion`. */
  async setRole(accountId: string, role: 'admin' | 'member', expectedVersion: number): Promise<void> {
    await this.#http.patch(`${this.#path}/members/${encodeURIComponent(accountId)}`, { role, expectedVersion });
  }

  /** The member can join again after a cooldown. */
  removeMember(accountId: string): Promise<void> {
    return this.#http.delete(`${this.#path}/members/${encodeURIComponent(accountId)}`);
  }

  /** Ends the visit of every guest. */
  removeGuests(): Promise<void> {
    return this.#http.post(`${this.#path}/guests/revoke`);
  }

  ticket(): Promise<Ticket> {
    return this.#http.post('/tickets', { roomId: this.#roomId });
  }

  /** Moves an item in front of another one; null moves it to the end. */
  moveItem(itemId: string, before: string | null): Promise<void> {
    return this.#http.patch(`${this.#path}/items/${encodeURIComponent(itemId)}`, { before });
  }

  removeItem(itemId: string): Promise<void> {
    return this.#http.delete(`${this.#path}/items/${encodeURIComponent(itemId)}`);
  }

  /** What a player needs for the item that the room shows now. `profile` says what the player can do. */
  playable(profile: string): Promise<Playable> {
    return this.#http.get(`${this.#path}/playable`, { profile }, PLAYABLE_WITHIN);
  }

  /** The messages right before a sequence number of the room, oldest first. */
  chatBefore(roomSeq: number): Promise<Page<HttpChatMessage>> {
    return this.#http.get(`${this.#path}/chat`, { before: roomSeq, limit: 50 });
  }
}
