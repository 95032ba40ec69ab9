/** What a visitor has to do to get into a room. */

import type { Invite } from '../api/types';

export type Entrance =
  /** Already in it. */
  | 'enter'
  | 'join'
  | 'password'
  | 'ask'
  | 'guest'
  /** Only accounts may enter, because of the room's (or the server's) settings. */
  | 'signIn'
  /** Only accounts may enter, because there is a password. */
  | 'signInForPassword';

export interface Visitor {
  readonly signedIn: boolean;
  /** Whether this tab holds a guest's pass for the room. */
  readonly guest: boolean;
}

export function entranceFor(invite: Invite, { signedIn, guest }: Visitor): Entrance {
  if (signedIn) return forAccount(invite);
  if (guest) return 'enter';
  if (invite.hasPassword) return 'signInForPassword';
  return invite.guestsAllowed ? 'guest' : 'signIn';
}

function forAccount(invite: Invite): Entrance {
  if (invite.viewer !== null) return 'enter';
  if (invite.hasPassword) return 'password';
  return invite.requireApproval ? 'ask' : 'join';
}
