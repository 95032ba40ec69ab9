/** What this browser remembers of its person. Everything works without storage, for the length of a visit. */

import { DEFAULT_VIEWING, viewingFrom, type Viewing } from './viewing';

export type Theme = 'system' | 'dark' | 'light';

interface Kept {
  theme: Theme;
  locale: string | null;
  volume: number;
  signedIn: boolean;
  guestName: string;
  viewing: Viewing;
}

const KEY = 'synctv.preferences';
const DEFAULTS: Kept = {
  theme: 'system',
  locale: null,
  volume: 1,
  signedIn: false,
  guestName: '',
  viewing: DEFAULT_VIEWING,
};

class Preferences {
  #kept = $state<Kept>(start());

  get theme(): Theme {
    return this.#kept.theme;
  }
  set theme(theme: Theme) {
    this.#set({ theme });
  }
  /** Chosen by the person; null follows the browser. */
  get locale(): string | null {
    return this.#kept.locale;
  }
  set locale(locale: string | null) {
    this.#set({ locale });
  }
  /** 0 to 1. */
  get volume(): number {
    return this.#kept.volume;
  }
  set volume(volume: number) {
    this.#set({ volume });
  }
  /** Whether there may be a session to bring back. */
  get signedIn(): boolean {
    return this.#kept.signedIn;
  }
  set signedIn(signedIn: boolean) {
    this.#set({ signedIn });
  }
  get guestName(): string {
    return this.#kept.guestName;
  }
  set guestName(guestName: string) {
    this.#set({ guestName });
  }
  /** How films are shown; a change takes the present value and returns another one. */
  get viewing(): Viewing {
    return this.#kept.viewing;
  }
  set viewing(viewing: Viewing) {
    this.#set({ viewing });
  }

  #set(change: Partial<Kept>): void {
    Object.assign(this.#kept, change);
    try {
      localStorage.setItem(KEY, JSON.stringify({ ...load(), ...change }));
    } catch {
      // Private windows may refuse to store.
    }
  }
}

function start(): Kept {
  const kept = { ...DEFAULTS, ...load() };
  return { ...kept, viewing: viewingFrom(kept.viewing) };
}

function load(): Partial<Kept> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Kept>;
  } catch {
    return {};
  }
}

export const preferences = new Preferences();
