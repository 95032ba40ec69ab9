/** Setup, signing in and out. Refresh tokens live in a cookie that this page cannot read. */

import { ApiError } from './problem';
import { Http, NOBODY, type Credential } from './http';
import type { ServerInfo, SessionAnswer } from './types';

const COOKIE = { delivery: 'cookie' } as const;

export class AccountsApi {
  readonly #nobody = new Http(NOBODY);

  server(): Promise<ServerInfo> {
    return this.#nobody.get('/server');
  }

  /** Makes the first account with the one-time token of the setup link. */
  setup(token: string, username: string, password: string): Promise<SessionAnswer> {
    return this.#nobody.post('/setup', { token, username, password, ...COOKIE });
  }

  async signIn(username: string, password: string): Promise<SessionAnswer> {
    const answer = await this.#nobody.post<SessionAnswer | { mfa: unknown }>('/auth/password/login', {
      username,
      password,
      ...COOKIE,
    });
    if ('mfa' in answer) throw new ApiError('mfa_required', 403, '');
    return answer;
  }

  /** A new access token for the refresh cookie; `unauthenticated` when there is none that is good. */
  refresh(): Promise<SessionAnswer> {
    return this.#nobody.post('/auth/refresh', {});
  }

  signOut(credential: Credential): Promise<void> {
    return new Http(credential).post('/auth/logout');
  }
}
