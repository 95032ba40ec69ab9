/** Guests of one room: a token for this tab, kept over a reload, gone with the tab. */

import { Http, NOBODY, type Credential } from './http';
import type { GuestAnswer } from './types';

interface KeptPass {
  readonly token: string;
  readonly name: string;
  /** Milliseconds since the Unix epoch. */
  readonly goodUntil: number;
}

export class GuestPass implements Credential {
  readonly #roomId: string;
  #pass: KeptPass | null;

  private constructor(roomId: string, pass: KeptPass) {
    this.#roomId = roomId;
    this.#pass = pass;
  }

  /** Enters a room, given by id or code, under a name. */
  static async enter(room: string, displayName: string): Promise<{ roomId: string }> {
    const answer = await new Http(NOBODY).post<GuestAnswer>('/auth/guest', { room, displayName });
    const pass = {
      token: answer.token,
      name: answer.guest.displayName,
      goodUntil: Date.now() + answer.expiresIn * 1000,
    };
    sessionStorage.setItem(key(answer.roomId), JSON.stringify(pass));
    return { roomId: answer.roomId };
  }

  /** The pass of this tab for the room, unless it has run out. */
  static of(roomId: string): GuestPass | null {
    try {
      const pass = JSON.parse(sessionStorage.getItem(key(roomId)) ?? 'null') as KeptPass | null;
      return pass !== null && pass.goodUntil > Date.now() ? new GuestPass(roomId, pass) : null;
    } catch {
      return null;
    }
  }

  token(): Promise<string | null> {
    return Promise.resolve(this.#pass?.token ?? null);
  }

  /** A guest's token can't be renewed: the person enters again. */
  renew(): Promise<boolean> {
    this.#pass = null;
    sessionStorage.removeItem(key(this.#roomId));
    return Promise.resolve(false);
  }
}

function key(roomId: string): string {
  return `synctv.guest.${roomId}`;
}
