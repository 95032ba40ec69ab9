import { ready, server } from '@serenity-kit/opaque';
import { describe, expect, it } from 'vitest';
import type { Factor, NewPassword, Security, SessionAnswer } from '../api/accountTypes';
import type { MeApi } from '../api/me';
import type { Errand } from '../auth/errand';
import type { Passkeys } from '../auth/passkeys';
import { AccountStore } from './account.svelte';
import { featuresOf } from './features';

const SECURITY = { recoveryCodes: 0, passkeys: [], identities: [] } as unknown as Security;
const SESSION: SessionAnswer = {
  accessToken: 't2',
  expiresIn: 900,
  account: { id: 'usr_1', username: 'mia', role: 'user' },
};

function scene(opaque = false, methods: readonly Factor[] = ['password']) {
  const seen = {
    purposes: [] as string[],
    unlike: [] as (readonly Factor[])[],
    calls: [] as unknown[],
    session: null as SessionAnswer | null,
    errand: null as Errand | null,
    left: '',
    closed: null as string | null,
  };
  const note = <T>(answer: T, ...call: unknown[]) => {
    seen.calls.push(call);
    return Promise.resolve(answer);
  };
  const me = {
    security: () => Promise.resolve(SECURITY),
    sessions: () =>
      Promise.resolve({
        items: [
          { current: false, methods: [] },
          { current: true, methods },
        ],
        nextCursor: null,
      }),
    startPassword: (request: string) => note(answerFor(request), 'startPassword'),
    setPassword: (password: NewPassword, grant: string) => note(SESSION, 'setPassword', password, grant),
    startPasskey: (grant: string) => note({ flow: 'k1', options: {} }, 'startPasskey', grant),
    addPasskey: (flow: string, credential: unknown, name: string) =>
      note({ name }, 'addPasskey', flow, credential, name),
    removePasskey: (id: string, grant: string) => note(SECURITY, 'removePasskey', id, grant),
    setTwoFactor: (enabled: boolean, grant: string) => note(SECURITY, 'setTwoFactor', enabled, grant),
    export: (grant: string) => note(new Blob(['{}']), 'export', grant),
    close: (grant: string) => note({ restorableUntil: '2026-01-31T00:00:00Z' }, 'close', grant),
    addTotp: (flow: string, code: string) => note({ recoveryCodes: ['a-b'] }, 'addTotp', flow, code),
  };
  const account = new AccountStore({
    me: me as unknown as MeApi,
    auth: { startOAuth: (slug, purpose, _, grant) => Promise.resolve({ url: `${slug} ${purpose} ${grant}` }) },
    credential: { token: () => Promise.resolve('t1'), renew: () => Promise.resolve(true) },
    grants: {
      with: (purpose, action, unlike = []) => {
        seen.purposes.push(purpose);
        seen.unlike.push(unlike);
        return action('g1');
      },
    },
    passkeys: { make: () => Promise.resolve({ id: 'made' }) } as unknown as Passkeys,
    errands: { remember: (errand) => (seen.errand = errand) },
    features: () => ({ ...featuresOf(null), opaque }),
    onSession: (answer) => (seen.session = answer),
    onClosed: ({ restorableUntil }) => (seen.closed = restorableUntil),
    leave: (url) => (seen.left = url),
  });
  return { account, seen };
}

function answerFor(registrationRequest: string) {
  const serverSetup = server.createSetup();
  const registered = server.createRegistrationResponse({ serverSetup, userIdentifier: 'usr_1', registrationRequest });
  return { flow: 'w1', response: registered.registrationResponse };
}

describe('AccountStore', () => {
  it('sends a new password only where OPAQUE is not to be had', async () => {
    const { account, seen } = scene();
    await account.setPassword('Cafe\u0301 au lait');
    expect(seen.calls).toEqual([['setPassword', { password: 'Café au lait' }, 'g1']]);
    expect(seen.session).toBe(SESSION);
  });

  it('registers a new password without sending it', async () => {
    await ready;
    const { account, seen } = scene(true);
    await account.setPassword('Korrekt Pferd');
    expect(seen.calls[1]).toEqual(['setPassword', { flow: 'w1', upload: expect.stringMatching(/^[\w-]{256}$/) }, 'g1']);
    expect(JSON.stringify(seen.calls)).not.toContain('Korrekt');
  });

  it('makes a passkey with a grant and names it', async () => {
    const { account, seen } = scene();
    await account.addPasskey('Chrome on Linux');
    expect(seen.calls).toEqual([
      ['startPasskey', 'g1'],
      ['addPasskey', 'k1', { id: 'made' }, 'Chrome on Linux'],
    ]);
  });

  it('hands out the recovery codes once', async () => {
    const { account } = scene();
    expect(await account.confirmTotp('f', '123456')).toEqual(['a-b']);
    expect(account.security).toBe(SECURITY);
  });

  it('turns two steps on with a kind of proof that this session has not seen, so that it goes on', async () => {
    const { account, seen } = scene();
    await account.setTwoFactor(true);
    expect([seen.purposes, seen.unlike]).toEqual([['twoFactorOn'], [['password']]]);
  });

  it.each([[['password', 'totp']], [['oauth']]] as Factor[][][])(
    'takes any proof in a session that is good for two steps already: %s',
    async (methods) => {
      const { account, seen } = scene(false, methods);
      await account.setTwoFactor(true);
      expect(seen.unlike).toEqual([[]]);
    },
  );

  it('takes any proof for turning it off', async () => {
    const { account, seen } = scene();
    await account.setTwoFactor(false);
    expect([seen.purposes, seen.unlike]).toEqual([['twoFactorOff'], [[]]]);
  });

  it('downloads everything with a grant, as a file', async () => {
    const { account, seen } = scene();
    expect(await (await account.export()).text()).toBe('{}');
    expect([seen.purposes, seen.calls]).toEqual([['export'], [['export', 'g1']]]);
  });

  it('says until when a closed account can be brought back', async () => {
    const { account, seen } = scene();
    await account.close();
    expect([seen.purposes, seen.closed]).toEqual([['close'], '2026-01-31T00:00:00Z']);
  });

  it('leaves to link another account, and remembers why', async () => {
    const { account, seen } = scene();
    await account.link('hub', '/account/linked');
    expect(seen.left).toBe('hub link g1');
    expect(seen.errand).toEqual({ purpose: 'link', next: '/account/linked' });
  });
});
