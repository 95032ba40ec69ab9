import { describe, expect, it } from 'vitest';
import type { Invite } from '../api/types';
import { entranceFor } from './entrance';

const open: Invite = {
  roomId: 'room_1',
  code: 'K7MP2QRX',
  name: 'Friday',
  description: '',
  hasPassword: false,
  requireApproval: false,
  guestsAllowed: true,
  owner: { id: 'usr_1', username: 'mia' },
  online: 0,
  viewer: null,
};
const account = { signedIn: true, guest: false };
const stranger = { signedIn: false, guest: false };

describe('entranceFor', () => {
  it('lets members and present guests straight in', () => {
    expect(entranceFor({ ...open, viewer: { role: 'member' }, hasPassword: true }, account)).toBe('enter');
    expect(entranceFor(open, { signedIn: false, guest: true })).toBe('enter');
  });
  it('lets accounts join, with what the room asks for', () => {
    expect(entranceFor(open, account)).toBe('join');
    expect(entranceFor({ ...open, hasPassword: true, requireApproval: true }, account)).toBe('password');
    expect(entranceFor({ ...open, requireApproval: true }, account)).toBe('ask');
  });
  it('asks strangers for a name only where guests may enter', () => {
    expect(entranceFor(open, stranger)).toBe('guest');
    expect(entranceFor({ ...open, guestsAllowed: false }, stranger)).toBe('signIn');
    expect(entranceFor({ ...open, hasPassword: true }, stranger)).toBe('signInForPassword');
  });
});
