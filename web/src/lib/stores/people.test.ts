import { describe, expect, it } from 'vitest';
import type { Member, Viewer } from '../realtime/values';
import { absentOf, guestsIn, NO_POWERS, powersOver } from './people';

const ALL = ['remove_members', 'manage_member_permissions'];

function access(role: string, permissions: readonly string[] = ALL) {
  return { role, permissions: new Set(permissions) };
}

function member(id: string, role = 'member', kind = 'account'): Member {
  return { actor: { id, name: id, kind }, role, version: 1 };
}

function viewer({ actor, role }: Member, connectionId = `${actor.id}/1`): Viewer {
  return { connectionId, actor, role, readiness: 'ready', drift: null, roundTrip: null };
}

describe('powersOver', () => {
  it('lets the creator remove and promote members, and demote admins', () => {
    expect(powersOver(access('creator'), member('a'))).toEqual({ remove: true, role: 'admin' });
    expect(powersOver(access('creator'), member('a', 'admin'))).toEqual({ remove: true, role: 'member' });
  });
  it('never lets anybody make others their equals', () => {
    expect(powersOver(access('admin'), member('a'))).toEqual({ remove: true, role: null });
  });
  it('offers nothing about equals, those above, guests and roles that it does not know', () => {
    for (const role of ['admin', 'creator', 'guest', 'moderator'])
      expect(powersOver(access('admin'), member('a', role))).toEqual(NO_POWERS);
    expect(powersOver(access('creator'), member('gst_1', 'guest', 'guest'))).toEqual(NO_POWERS);
    expect(powersOver(access('moderator'), member('a'))).toEqual(NO_POWERS);
  });
  it('asks for the permission of each', () => {
    expect(powersOver(access('admin', []), member('a'))).toEqual(NO_POWERS);
    expect(powersOver(access('creator', ['remove_members']), member('a'))).toEqual({ remove: true, role: null });
    expect(powersOver(access('creator', ['manage_member_permissions']), member('a')).remove).toBe(false);
  });
});

describe('absentOf', () => {
  const members = [member('a'), member('b')];

  it('lists members who have no connection', () => {
    expect(absentOf(members, { viewers: [viewer(member('a'))], total: 1 })).toEqual([member('b')]);
  });
  it('calls nobody absent while some connections are not listed', () => {
    expect(absentOf(members, { viewers: [viewer(member('a'))], total: 201 })).toEqual([]);
  });
});

describe('guestsIn', () => {
  it('counts a guest with two tabs once', () => {
    const guest = member('gst_1', 'guest', 'guest');
    const viewers = [viewer(guest), viewer(guest, 'other'), viewer(member('a'))];
    expect(guestsIn({ viewers, total: 3 })).toBe(1);
  });
});
