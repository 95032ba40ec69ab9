import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Proof, SessionAnswer, SignInAnswer } from '../api/accountTypes';
import type { Proven } from '../api/auth';
import { ApiError } from '../api/problem';
import type { Passkeys } from '../auth/passkeys';
import { featuresOf } from './features';
import { SignInStore } from './signIn.svelte';

const SESSION: SessionAnswer = {
  accessToken: 'token',
  expiresIn: 900,
  account: { id: 'usr_1', username: 'mia', role: 'user' },
};
const FEATURES = { ...featuresOf(null), mail: true, emailSignIn: true, passkeys: true };

function scene({ possible = true, autofill = false } = {}) {
  const seen = {
    proofs: [] as Proof[],
    proven: [] as Proven[],
    seconds: [] as [string, Proof][],
    session: null as SessionAnswer | null,
    cancelled: 0,
    answer: SESSION as SignInAnswer | ApiError,
  };
  const answered = <T>(value: T | ApiError) =>
    value instanceof Error ? Promise.reject(value) : Promise.resolve(value);
  const passkeys = {
    possible,
    offersAutofill: () => Promise.resolve(autofill),
    ask: () => Promise.resolve({ id: 'asked' }),
    askByAutofill: () => Promise.resolve({ id: 'filled' }),
    cancel: () => (seen.cancelled += 1),
  } as unknown as Passkeys;
  const signIn = new SignInStore({
    auth: {
      signIn: (proof) => {
        seen.proofs.push(proof);
        return answered(seen.answer);
      },
      finishSignIn: (mfa, proof) => {
        seen.seconds.push([mfa, proof]);
        return Promise.resolve(SESSION);
      },
    },
    passkeys,
    starts: (proven) => {
      seen.proven.push(proven);
      return {
        opaque: () => Promise.reject(new ApiError('offline', 0, '')),
        passkey: () => Promise.resolve({ flow: 'p1', options: { challenge: 'abc' } }),
        email: () => Promise.resolve({ flow: 'e1', expiresIn: 600, resendAfter: 30 }),
      };
    },
    onSession: (answer) => (seen.session = answer),
  });
  return { signIn, seen };
}

describe('SignInStore', () => {
  afterEach(() => void vi.useRealTimers());

  it('offers every name the same, whatever that account has', () => {
    const { signIn } = scene();
    signIn.name(' mia ', FEATURES);
    expect([signIn.step, signIn.username]).toEqual(['first', 'mia']);
    expect(signIn.proof?.methods).toEqual(['password', 'passkey', 'email']);
  });

  it('offers a code to who gives an address, and no password', () => {
    const { signIn } = scene();
    signIn.name('mia@example.org', FEATURES);
    expect(signIn.byAddress).toBe(true);
    expect(signIn.proof?.methods).toEqual(['email', 'passkey']);
  });

  it('offers only what the server and the browser have', () => {
    const { signIn } = scene({ possible: false });
    signIn.name('mia', { ...FEATURES, mail: false });
    expect(signIn.proof?.methods).toEqual(['password']);
  });

  it('signs in with the password', async () => {
    const { signIn, seen } = scene();
    signIn.name('mia', FEATURES);
    if (signIn.proof !== null) signIn.proof.typed = 'secret';
    await signIn.proof?.prove();
    expect(seen.proofs).toEqual([{ kind: 'password', username: 'mia', password: 'secret' }]);
    expect(seen.session).toBe(SESSION);
  });

  it('goes on to the second step, the app first', async () => {
    const { signIn, seen } = scene();
    seen.answer = { mfa: { id: 'm1', methods: ['password', 'totp', 'email'], expiresIn: 300 } };
    signIn.name('mia', FEATURES);
    await signIn.proof?.prove();
    expect(signIn.step).toBe('second');
    expect(signIn.proof?.methods).toEqual(['totp', 'email', 'password', 'recovery']);
    expect(seen.proven.at(-1)).toEqual({ mfa: 'm1' });
    if (signIn.proof !== null) signIn.proof.typed = '123456';
    await signIn.proof?.prove();
    expect(seen.seconds).toEqual([['m1', { kind: 'totp', code: '123456' }]]);
    expect(seen.session).toBe(SESSION);
  });

  it('says that the second step took too long, and begins again with the name kept', async () => {
    vi.useFakeTimers();
    const { signIn, seen } = scene();
    seen.answer = { mfa: { id: 'm1', methods: ['totp'], expiresIn: 300 } };
    signIn.name('mia', FEATURES);
    await signIn.proof?.prove();
    vi.advanceTimersByTime(300_000);
    expect([signIn.step, signIn.proof]).toEqual(['over', null]);
    signIn.rename();
    expect([signIn.step, signIn.username]).toEqual(['name', 'mia']);
  });

  it('needs no name for a passkey', async () => {
    const { signIn, seen } = scene();
    await signIn.passkey(FEATURES);
    expect(seen.proven).toEqual([{ anybody: true }]);
    expect(seen.proofs).toEqual([{ kind: 'passkey', flow: 'p1', credential: { id: 'asked' } }]);
    expect(seen.session).toBe(SESSION);
  });

  it('takes a passkey that was chosen in the name field', async () => {
    const { signIn, seen } = scene({ autofill: true });
    await signIn.offerPasskeys(FEATURES);
    expect(seen.proofs).toEqual([{ kind: 'passkey', flow: 'p1', credential: { id: 'filled' } }]);
    expect(seen.session).toBe(SESSION);
  });

  it('asks the server for nothing where the browser offers no passkeys by itself', async () => {
    const { signIn, seen } = scene({ autofill: false });
    await signIn.offerPasskeys(FEATURES);
    expect(seen.proven).toEqual([]);
  });

  it('takes the open question for a passkey back when the person goes on', () => {
    const { signIn, seen } = scene();
    signIn.name('mia', FEATURES);
    expect(seen.cancelled).toBe(1);
  });

  it('shows what was wrong on the name’s screen', async () => {
    const { signIn, seen } = scene();
    seen.answer = new ApiError('invalid_credentials', 401, '');
    await signIn.passkey(FEATURES);
    expect(signIn.task.error).toBe(seen.answer);
    expect(signIn.step).toBe('name');
  });
});
