/**
 * What the person was about when they left for another server to prove themselves. Kept for this tab, since leaving
 * forgets everything else.
 */

import type { OAuthPurpose } from '../api/accountTypes';

export interface Errand {
  readonly purpose: OAuthPurpose;
  /** An address of this page to come back to. */
  readonly next: string;
}

type Keeper = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const KEY = 'synctv.errand';

export class Errands {
  readonly #keeper: () => Keeper;

  constructor(keeper: () => Keeper = () => sessionStorage) {
    this.#keeper = keeper;
  }

  remember(errand: Errand): void {
    try {
      this.#keeper().setItem(KEY, JSON.stringify(errand));
    } catch {
      // Private windows may refuse to store: then the way back leads home.
    }
  }

  /** The errand, once. Null when there was none, as when the answer came to another browser. */
  take(): Errand | null {
    try {
      const kept: unknown = JSON.parse(this.#keeper().getItem(KEY) ?? 'null');
      this.#keeper().removeItem(KEY);
      return isErrand(kept) ? kept : null;
    } catch {
      return null;
    }
  }
}

function isErrand(value: unknown): value is Errand {
  if (typeof value !== 'object' || value === null) return false;
  const { purpose, next } = value as Partial<Errand>;
  return ['signIn', 'link', 'grant'].includes(purpose ?? '') && typeof next === 'string' && /^\/(?![/\\])/.test(next);
}

export const errands = new Errands();
