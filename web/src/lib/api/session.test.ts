import { describe, expect, it } from 'vitest';
import type { AuthApi } from './auth';
import { ApiError } from './problem';
import { AccountSession } from './session';
import type { SessionAnswer } from './accountTypes';

class FakeAuth {
  refreshes = 0;
  error: ApiError | null = null;
  expiresIn = 900;

  refresh(): Promise<SessionAnswer> {
    this.refreshes += 1;
    return this.error === null
      ? Promise.resolve(this.answer(`refreshed ${this.refreshes}`))
      : Promise.reject(this.error);
  }
  signOut(): Promise<void> {
    return this.error === null ? Promise.resolve() : Promise.reject(this.error);
  }
  answer(accessToken: string): SessionAnswer {
    return { accessToken, expiresIn: this.expiresIn, account: { id: 'usr_1', username: 'mia', role: 'user' } };
  }
}

function scene(marked = false) {
  const api = new FakeAuth();
  const seen = { name: '' as string | null, marked, refusal: null as string | null };
  const session = new AccountSession({
    api: api as unknown as AuthApi,
    mark: { get: () => seen.marked, set: (value: boolean) => void (seen.marked = value) },
    onAccount: (account, refusal) => {
      seen.name = account?.username ?? null;
      seen.refusal = refusal?.code ?? null;
    },
  });
  return { api, seen, session, signIn: () => session.adopt(api.answer('first')) };
}

describe('AccountSession', () => {
  it('asks for no refresh when nobody signed in here before', async () => {
    const { api, session } = scene();
    await session.restore();
    expect(api.refreshes).toBe(0);
    expect(await session.token()).toBeNull();
  });

  it('comes back after a reload', async () => {
    const { session, seen } = scene(true);
    await session.restore();
    expect(await session.token()).toBe('refreshed 1');
    expect(seen.name).toBe('mia');
  });

  it('refreshes once however many ask', async () => {
    const { api, session, signIn } = scene();
    signIn();
    expect(await Promise.all([session.renew(), session.renew(), session.renew()])).toEqual([true, true, true]);
    expect(api.refreshes).toBe(1);
  });

  it('refreshes before the token ends', async () => {
    const { api, session, signIn } = scene();
    api.expiresIn = 10;
    signIn();
    expect(await session.token()).toBe('refreshed 1');
  });

  it('ends when the cookie is no longer good', async () => {
    const { api, session, seen, signIn } = scene();
    signIn();
    api.error = new ApiError('unauthenticated', 401, '');
    expect(await session.renew()).toBe(false);
    expect(seen).toEqual({ name: null, marked: false, refusal: 'unauthenticated' });
  });

  it('survives being offline', async () => {
    const { api, session, seen, signIn } = scene();
    signIn();
    api.error = new ApiError('offline', 0, '');
    expect(await session.renew()).toBe(false);
    expect(seen).toEqual({ name: 'mia', marked: true, refusal: null });
  });

  it('signs out here even when the server is away', async () => {
    const { api, session, seen, signIn } = scene();
    signIn();
    api.error = new ApiError('offline', 0, '');
    await expect(session.signOut()).rejects.toBeInstanceOf(ApiError);
    expect(seen).toMatchObject({ name: null, refusal: null });
  });

  it('forgets an account that is closed, without asking the server', async () => {
    const { api, session, seen, signIn } = scene();
    signIn();
    api.error = new ApiError('unauthenticated', 401, '');
    session.forget();
    expect(seen).toEqual({ name: null, marked: false, refusal: null });
    expect(await session.token()).toBeNull();
  });

  it('says why the server ended it, until somebody signs in again', async () => {
    const { api, session, seen, signIn } = scene();
    signIn();
    api.error = new ApiError('mfa_required', 403, 'This account asks for a second step.');
    await session.renew();
    expect(seen.refusal).toBe('mfa_required');
    signIn();
    expect(seen).toEqual({ name: 'mia', marked: true, refusal: null });
  });
});
