import { ready, server } from '@serenity-kit/opaque';
import { describe, expect, it } from 'vitest';
import type { ResetAllowed, SignUpAnswer, SignUpEnd, SignUpStart, SignUpStarted } from '../api/accountTypes';
import { ApiError } from '../api/problem';
import type { Features } from '../api/types';
import type { Passkeys } from '../auth/passkeys';
import { featuresOf, signUpOpen } from './features';
import { ResetStore } from './reset.svelte';
import { SignUpStore, signUpWays } from './signUp.svelte';

const SESSION = { accessToken: 't', expiresIn: 900, account: { id: 'usr_1', username: 'mia', role: 'user' } };
const OPEN: Features = {
  ...featuresOf(null),
  mail: true,
  passkeys: true,
  signUp: { password: true, email: true, passkey: true },
};
const LETTER = { expiresIn: 600, resendAfter: 30 };

function registrationAnswer(registrationRequest: string): string {
  const serverSetup = server.createSetup();
  return server.createRegistrationResponse({ serverSetup, userIdentifier: 'usr_1', registrationRequest })
    .registrationResponse;
}

function signUpScene(features: Features = OPEN) {
  const seen = {
    starts: [] as SignUpStart[],
    ends: [] as SignUpEnd[],
    made: 0,
    session: null as unknown,
    started: { flow: 's1', email: null, opaque: null, passkey: null } as SignUpStarted,
    answers: [] as (SignUpAnswer | ApiError)[],
    passkey: null as Error | null,
  };
  const store = new SignUpStore({
    auth: {
      startSignUp: (start) => {
        seen.starts.push(start);
        const opaque = start.request === undefined ? null : { response: registrationAnswer(start.request) };
        return Promise.resolve({ ...seen.started, opaque });
      },
      signUp: (end) => {
        seen.ends.push(end);
        const answer = seen.answers.shift() ?? SESSION;
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
    },
    passkeys: {
      possible: true,
      make: () => {
        if (seen.passkey !== null) return Promise.reject(seen.passkey);
        seen.made += 1;
        return Promise.resolve({ id: 'made' });
      },
    } as unknown as Passkeys,
    features,
    language: 'en',
    passkeyName: 'Chrome on Linux',
    onSession: (answer) => (seen.session = answer),
  });
  store.username = ' mia ';
  return { store, seen };
}

describe('signUpWays', () => {
  it('are those that are open and can be gone here', () => {
    expect(signUpWays(OPEN, true)).toEqual(['password', 'passkey', 'email']);
    expect(signUpWays({ ...OPEN, mail: false }, false)).toEqual(['password']);
    expect(signUpWays(featuresOf(null), true)).toEqual([]);
  });

  it('count a provider that lets newcomers in as an open door', () => {
    const provider = { slug: 'hub', name: 'Hub', signUp: true };
    expect(signUpOpen(featuresOf(null))).toBe(false);
    expect(signUpOpen({ ...featuresOf(null), providers: [{ ...provider, signUp: false }] })).toBe(false);
    expect(signUpOpen({ ...featuresOf(null), providers: [provider] })).toBe(true);
  });
});

describe('SignUpStore', () => {
  it('signs up with a password that is never sent', async () => {
    await ready;
    const { store, seen } = signUpScene({ ...OPEN, opaque: true });
    store.password = 'Korrekt Pferd';
    await store.begin();
    expect(seen.starts[0]).toMatchObject({ way: 'password', username: 'mia' });
    expect(seen.ends[0]).toEqual({ flow: 's1', language: 'en', upload: expect.stringMatching(/^[\w-]{256}$/) });
    expect(JSON.stringify([seen.starts, seen.ends])).not.toContain('Korrekt');
    expect(seen.session).toBe(SESSION);
  });

  it('sends the password where there is no OPAQUE', async () => {
    const { store, seen } = signUpScene();
    store.password = 'Korrekt Pferd';
    await store.begin();
    expect(seen.ends[0]).toEqual({ flow: 's1', language: 'en', password: 'Korrekt Pferd' });
  });

  it('asks for the code, and again after a wrong one', async () => {
    const { store, seen } = signUpScene();
    store.way = 'email';
    store.email = 'mia@example.org';
    seen.started = { ...seen.started, email: LETTER };
    seen.answers = [new ApiError('invalid_credentials', 401, '')];
    await store.begin();
    expect([store.step, store.resend.left]).toEqual(['code', 30]);
    store.code = '000000';
    await store.goOn();
    expect([store.step, store.code]).toEqual(['code', '']);
    store.code = '111111';
    await store.goOn();
    expect(seen.ends.map((end) => end.code)).toEqual(['000000', '111111']);
    expect(seen.session).toBe(SESSION);
    store.stop();
  });

  it('makes one passkey however often the code is wrong', async () => {
    const { store, seen } = signUpScene({ ...OPEN, emailRequired: true });
    store.way = 'passkey';
    seen.started = { ...seen.started, email: LETTER, passkey: { options: {} as never } };
    seen.answers = [new ApiError('invalid_credentials', 401, '')];
    await store.begin();
    await store.goOn();
    await store.goOn();
    expect(seen.made).toBe(1);
    expect(seen.ends.at(-1)).toMatchObject({ credential: { id: 'made' }, passkeyName: 'Chrome on Linux' });
    store.stop();
  });

  it('lets a declined passkey be tried again', async () => {
    const { store, seen } = signUpScene();
    store.way = 'passkey';
    seen.started = { ...seen.started, passkey: { options: {} as never } };
    seen.passkey = new Error('declined');
    await store.begin();
    expect([store.step, seen.ends]).toEqual(['passkey', []]);
    seen.passkey = null;
    await store.goOn();
    expect(seen.session).toBe(SESSION);
  });

  it('tells that an operator will look at it', async () => {
    const { store, seen } = signUpScene();
    seen.answers = [{ review: true }];
    await store.begin();
    expect([store.step, seen.session]).toEqual(['review', null]);
  });

  it.each(['flow_over', 'already_exists', 'permission_denied'])('goes back to the form on %s', async (code) => {
    const { store, seen } = signUpScene();
    seen.started = { ...seen.started, email: LETTER };
    await store.begin();
    seen.answers = [new ApiError(code, 412, '')];
    await store.goOn();
    expect(store.step).toBe('form');
    expect(store.task.error).toMatchObject({ code });
    store.stop();
  });
});

function resetScene(allowed: Partial<ResetAllowed> = {}, opaque = false) {
  const seen = { resets: [] as unknown[], error: null as Error | null };
  const answered = <T>(value: T) => (seen.error === null ? Promise.resolve(value) : Promise.reject(seen.error));
  const store = new ResetStore({
    auth: {
      startReset: () => answered({ flow: 'r1', ...LETTER }),
      verifyReset: () => answered({ flow: 'r2', username: 'mia', methods: [], ...allowed }),
      resetOpaque: (_, request) => Promise.resolve({ response: registrationAnswer(request) }),
      resetPasskey: () => Promise.resolve({ flow: 'p1', options: { challenge: '' } }),
      reset: (...call) => {
        seen.resets.push(call);
        return answered(undefined);
      },
    },
    passkeys: { possible: true } as Passkeys,
    features: { ...OPEN, opaque },
  });
  store.username = 'mia';
  store.password = 'Korrekt Pferd';
  return { store, seen };
}

describe('ResetStore', () => {
  it('leads from the name over the code to the new password', async () => {
    const { store, seen } = resetScene();
    await store.send();
    store.code = '111111';
    await store.verify();
    expect([store.step, store.allowed?.username]).toEqual(['password', 'mia']);
    await store.choose();
    expect(seen.resets).toEqual([['r2', { password: 'Korrekt Pferd' }, null]]);
    expect([store.step, store.password]).toEqual(['done', '']);
    store.stop();
  });

  it('registers the new password without sending it', async () => {
    await ready;
    const { store, seen } = resetScene({}, true);
    await store.open('token');
    await store.choose();
    expect(JSON.stringify(seen.resets)).not.toContain('Korrekt');
    expect(store.step).toBe('done');
  });

  it('asks for one more proof where the account wants two', async () => {
    const { store, seen } = resetScene({ methods: ['totp'] });
    await store.open('token');
    await store.choose();
    expect([store.step, store.proof?.methods]).toEqual(['second', ['totp', 'recovery']]);
    if (store.proof !== null) store.proof.typed = '123456';
    await store.proof?.prove();
    expect(seen.resets).toEqual([['r2', { password: 'Korrekt Pferd' }, { kind: 'totp', code: '123456' }]]);
    expect(store.step).toBe('done');
  });

  it('goes back to the password when that does not suit', async () => {
    const { store, seen } = resetScene({ methods: ['totp'] });
    await store.open('token');
    await store.choose();
    seen.error = new ApiError('invalid_argument', 400, '', { errors: [{ path: 'password', message: 'Too short.' }] });
    await store.proof?.prove();
    expect(store.step).toBe('password');
    expect(store.task.error).toBe(seen.error);
  });

  it('says that a link is used up', async () => {
    const { store, seen } = resetScene();
    seen.error = new ApiError('flow_over', 412, '');
    await store.open('token');
    expect(store.step).toBe('link');
    expect(store.task.error).toBe(seen.error);
  });

  it('begins again when it took too long, and says so', async () => {
    const { store, seen } = resetScene();
    await store.send();
    seen.error = new ApiError('flow_over', 412, '');
    await store.verify();
    expect([store.step, store.username]).toEqual(['name', 'mia']);
    expect(store.task.error).toBe(seen.error);
    store.stop();
  });
});
