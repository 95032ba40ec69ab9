import { describe, expect, it } from 'vitest';
import type { AccountsApi } from './accounts';
import { ApiError } from './problem';
import { AccountSession } from './session';
import type { SessionAnswer } from './types';

class FakeAccounts {
  refreshes = 0;
  error: ApiError | null = null;
  expiresIn = 900;

  signIn(): Promise<SessionAnswer> {
    return Promise.resolve(this.#answer('first'));
  }
  refresh(): Promise<SessionAnswer> {
    this.refreshes += 1;
    return this.error === null
      ? Promise.resolve(this.#answer(`refreshed ${this.refreshes}`))
      : Promise.reject(this.error);
  }
  signOut(): Promise<void> {
    return this.error === null ? Promise.resolve() : Promise.reject(this.error);
  }
  #answer(accessToken: string): SessionAnswer {
    return { accessToken, expiresIn: this.expiresIn, account: { id: 'usr_1', username: 'mia', role: 'user' } };
  }
}

function scene(marked = false) {
  const api = new FakeAccounts();
  const seen = { name: '' as string | null, marked };
  const mark = { get: () => seen.marked, set: (value: boolean) => void (seen.marked = value) };
  const session = new AccountSession(
    api as unknown as AccountsApi,
    mark,
    (account) => (seen.name = account?.username ?? null),
  );
  return { api, seen, session };
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
    const { api, session } = scene();
    await session.signIn('mia', 'secret');
    expect(await Promise.all([session.renew(), session.renew(), session.renew()])).toEqual([true, true, true]);
    expect(api.refreshes).toBe(1);
  });

  it('refreshes before the token ends', async () => {
    const { api, session } = scene();
    api.expiresIn = 10;
    await session.signIn('mia', 'secret');
    expect(await session.token()).toBe('refreshed 1');
  });

  it('ends when the cookie is no longer good', async () => {
    const { api, session, seen } = scene();
    await session.signIn('mia', 'secret');
    api.error = new ApiError('unauthenticated', 401, '');
    expect(await session.renew()).toBe(false);
    expect(seen).toEqual({ name: null, marked: false });
  });

  it('survives being offline', async () => {
    const { api, session, seen } = scene();
    await session.signIn('mia', 'secret');
    api.error = new ApiError('offline', 0, '');
    expect(await session.renew()).toBe(false);
    expect(seen).toEqual({ name: 'mia', marked: true });
  });

  it('signs out here even when the server is away', async () => {
    const { api, session, seen } = scene();
    await session.signIn('mia', 'secret');
    api.error = new ApiError('offline', 0, '');
    await expect(session.signOut()).rejects.toBeInstanceOf(ApiError);
    expect(seen.name).toBeNull();
  });
});
