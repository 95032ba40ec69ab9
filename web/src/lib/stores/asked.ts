/** Which rooms an account has asked to join from this browser: the door of a room does not tell, and a reload forgets. */

interface Asked {
  readonly account: string;
  readonly room: string;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

type Keeper = Pick<Storage, 'getItem' | 'setItem'>;

const KEY = 'synctv.asked';
const MOST = 20;
const KEPT_MS = 14 * 24 * 3_600_000;

export class AskedRooms {
  readonly #keeper: () => Keeper;
  readonly #now: () => number;
  #asked: readonly Asked[] | null = null;

  constructor(keeper: () => Keeper = () => localStorage, now: () => number = Date.now) {
    this.#keeper = keeper;
    this.#now = now;
  }

  /** When the account asked (milliseconds since the Unix epoch), or null when it did not. */
  since(account: string, room: string): number | null {
    return this.#load().find((asked) => asked.account === account && asked.room === room)?.at ?? null;
  }

  remember(account: string, room: string): void {
    this.#keep([...this.#without(account, room), { account, room, at: this.#now() }].slice(-MOST));
  }

  forget(account: string, room: string): void {
    if (this.since(account, room) !== null) this.#keep(this.#without(account, room));
  }

  #without(account: string, room: string): Asked[] {
    return this.#load().filter((asked) => asked.account !== account || asked.room !== room);
  }

  #load(): readonly Asked[] {
    const kept = this.#asked ?? this.#read();
    return kept.filter(({ at }) => this.#now() - at < KEPT_MS);
  }

  #read(): readonly Asked[] {
    try {
      const value: unknown = JSON.parse(this.#keeper().getItem(KEY) ?? '[]');
      return Array.isArray(value) ? value.filter(isAsked) : [];
    } catch {
      return [];
    }
  }

  #keep(asked: readonly Asked[]): void {
    try {
      this.#keeper().setItem(KEY, JSON.stringify(asked));
      this.#asked = null;
    } catch {
      // Private windows may refuse to store: then it is known until the page is left.
      this.#asked = asked;
    }
  }
}

function isAsked(value: unknown): value is Asked {
  if (typeof value !== 'object' || value === null) return false;
  const { account, room, at } = value as Partial<Asked>;
  return typeof account === 'string' && typeof room === 'string' && typeof at === 'number';
}

export const askedRooms = new AskedRooms();
