import { describe, expect, it } from 'vitest';
import { accountPath, placeToReturnTo, roomIn, routeOf, SECTIONS, signInPath } from './routes';

describe('routeOf', () => {
  it.each([
    ['/', { name: 'home' }],
    ['/setup', { name: 'setup' }],
    ['/r/K7MP2QRX', { name: 'join', room: 'K7MP2QRX' }],
    ['/rooms/room_1', { name: 'room', roomId: 'room_1' }],
    ['/rooms/', { name: 'notFound' }],
    ['/rooms/a/b', { name: 'notFound' }],
    ['/signup', { name: 'signUp', next: '/' }],
    ['/reset', { name: 'reset' }],
    ['/signin/done', { name: 'signInDone' }],
    ['/signin/other', { name: 'notFound' }],
    ['/account', { name: 'account', section: 'profile' }],
    ['/account/two-step', { name: 'account', section: 'two-step' }],
    ['/account/secrets', { name: 'notFound' }],
    ['/else', { name: 'notFound' }],
    ['/r/%E0%A4%A', { name: 'join', room: '%E0%A4%A' }],
  ])('knows %s', (path, route) => {
    expect(routeOf(path)).toEqual(route);
  });

  it('comes back to where signing in was asked for', () => {
    const [path = '', search] = signInPath('/r/ABC').split('?');
    expect(routeOf(path, search)).toEqual({ name: 'signIn', next: '/r/ABC' });
  });

  it.each(['//evil.example', 'https://evil.example', '/\\evil.example', '/\t/evil.example', '/\r\n\\evil.example'])(
    'does not lead to %j',
    (next) => {
      expect(routeOf('/signin', new URLSearchParams({ next }).toString())).toEqual({ name: 'signIn', next: '/' });
    },
  );
});

describe('accountPath', () => {
  it.each([...SECTIONS])('leads to %s', (section) => {
    expect(routeOf(accountPath(section))).toEqual({ name: 'account', section });
  });
});

describe('placeToReturnTo', () => {
  it.each(['/', '/r/ABC', '/rooms/room_1', '/account/linked'])('leads back to %s', (path) => {
    expect(placeToReturnTo(routeOf(path))).toBe(path);
  });
});

describe('roomIn', () => {
  it.each([
    ['k7mp-2qrx', 'K7MP2QRX'],
    [' K7MP 2QRX ', 'K7MP2QRX'],
    ['http://host:8080/r/K7MP2QRX?x=1', 'K7MP2QRX'],
    ['https://tv.example/rooms/room_01jc', 'room_01jc'],
    ['room_01jcq3v9k2e8s9n5d4h7m6p0qa', 'room_01jcq3v9k2e8s9n5d4h7m6p0qa'],
    ['hello', null],
    ['', null],
  ])('reads %j', (text, room) => {
    expect(roomIn(text)).toBe(room);
  });
});
