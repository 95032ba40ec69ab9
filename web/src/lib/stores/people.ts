/** What a viewer may do about the people of a room. The server decides; this only leaves out what it would refuse. */

import type { Access, Actor, Member, Presence } from '../realtime/values';
import { rightsOf } from './permissions';

/** From least to most. */
const RANKS = ['guest', 'member', 'admin', 'creator'];

export interface Powers {
  readonly remove: boolean;
  /** The other role that the person can be given; null for none. */
  readonly role: 'admin' | 'member' | null;
}

export const NO_POWERS: Powers = { remove: false, role: null };

/** Only people below one's own role can be changed, and only to what is below it too. Guests have no membership. */
export function powersOver(access: Access, target: Pick<Member, 'actor' | 'role'>): Powers {
  const own = RANKS.indexOf(access.role);
  if (target.actor.kind === 'guest' || target.role === 'guest' || rankOf(target.role) >= own) return NO_POWERS;
  const rights = rightsOf(access);
  const other = target.role === 'admin' ? 'member' : 'admin';
  return { remove: rights.removeMembers, role: rights.manageMembers && rankOf(other) < own ? other : null };
}

/** Members without an open connection; nobody while not all connections are known. */
export function absentOf(members: readonly Member[], presence: Presence): readonly Member[] {
  if (presence.viewers.length < presence.total) return [];
  const here = new Set(presence.viewers.map(({ actor }) => actor.id));
  return members.filter(({ actor }) => !here.has(actor.id));
}

/** How many guests are here, each counted once however many tabs they have open. */
export function guestsIn({ viewers }: Presence): number {
  return new Set(viewers.filter(({ actor }) => isGuest(actor)).map(({ actor }) => actor.id)).size;
}

function isGuest({ kind }: Actor): boolean {
  return kind === 'guest';
}

/** Roles that this page does not know rank above all: it offers nothing about who has them. */
function rankOf(role: string): number {
  const rank = RANKS.indexOf(role);
  return rank < 0 ? RANKS.length : rank;
}
