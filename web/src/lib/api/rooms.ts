/** Rooms and what is in them. */

import { Http, type Credential } from './http';
import type {
  HttpChatMessage,
  Invite,
  JoinAnswer,
  NewRoom,
  Page,
  Playable,
  RoomChange,
  RoomSummary,
  Ticket,
} from './types';

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

  ticket(): Promise<Ticket> {
    return this.#http.post('/tickets', { roomId: this.#roomId });
  }

  addUrl(url: string): Promise<{ id: string }> {
    return this.#http.post(`${this.#path}/items`, { provider: 'direct', source: { url } });
  }

  /** Moves an item in front of another one; null moves it to the end. */
  moveItem(itemId: string, before: string | null): Promise<void> {
    return this.#http.patch(`${this.#path}/items/${encodeURIComponent(itemId)}`, { before });
  }

  removeItem(itemId: string): Promise<void> {
    return this.#http.delete(`${this.#path}/items/${encodeURIComponent(itemId)}`);
  }

  /** What a player needs for the item that the room shows now. */
  playable(): Promise<Playable> {
    return this.#http.get(`${this.#path}/playable`);
  }

  /** The messages right before a sequence number of the room, oldest first. */
  chatBefore(roomSeq: number): Promise<Page<HttpChatMessage>> {
    return this.#http.get(`${this.#path}/chat`, { before: roomSeq, limit: 50 });
  }
}
