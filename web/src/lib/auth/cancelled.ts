/** Ends of something that the person wanted: nothing to tell them. */

import { PasskeyError } from './passkeys';

/** The person closed the question. */
export class Cancelled extends Error {
  constructor() {
    super('');
    this.name = 'Cancelled';
  }
}

export function isQuiet(error: unknown): boolean {
  return error instanceof Cancelled || (error instanceof PasskeyError && error.code === 'passkey_superseded');
}
