/** The account of the person. What is sensitive takes a grant. */

import type {
  Account,
  ActivityEntry,
  ClosedAccount,
  DeviceSession,
  NewPassword,
  OpaqueAnswer,
  PasskeyOffer,
  PasskeyView,
  Security,
  SentCode,
  SessionAnswer,
  TotpOffer,
} from './accountTypes';
import type { RegistrationResponseJSON } from '@simplewebauthn/browser';
import { Http, type Credential } from './http';
import type { Page } from './types';

/** What a large account takes at a slow connection. */
const EXPORT_WITHIN = 600_000;

interface RecoveryCodes {
  readonly recoveryCodes: readonly string[];
}

export class MeApi {
  readonly #http: Http;

  constructor(credential: Credential) {
    this.#http = new Http(credential);
  }

  get(): Promise<Account> {
    return this.#http.get('/me');
  }

  setLanguage(language: string): Promise<Account> {
    return this.#http.patch('/me', { language });
  }

  security(): Promise<Security> {
    return this.#http.get('/me/security');
  }

  startPassword(request: string): Promise<OpaqueAnswer> {
    return this.#http.post('/me/password/opaque', { request });
  }

  /** Ends every other session; the answer is this one's new beginning. */
  setPassword(password: NewPassword & { flow?: string }, grant: string): Promise<SessionAnswer> {
    return this.#http.put('/me/password', { ...password, delivery: 'cookie' }, grant);
  }

  removePassword(grant: string): Promise<void> {
    return this.#http.delete('/me/password', grant);
  }

  startEmail(email: string, grant: string): Promise<SentCode> {
    return this.#http.post('/me/email/start', { email }, grant);
  }

  setEmail(flow: string, code: string): Promise<Security> {
    return this.#http.post('/me/email', { flow, code });
  }

  removeEmail(grant: string): Promise<Security> {
    return this.#http.delete('/me/email', grant);
  }

  startPasskey(grant: string): Promise<PasskeyOffer> {
    return this.#http.post('/me/passkeys/start', {}, grant);
  }

  addPasskey(flow: string, credential: RegistrationResponseJSON, name: string): Promise<PasskeyView> {
    return this.#http.post('/me/passkeys', { flow, credential, name });
  }

  renamePasskey(id: string, name: string): Promise<PasskeyView> {
    return this.#http.patch(`/me/passkeys/${encodeURIComponent(id)}`, { name });
  }

  removePasskey(id: string, grant: string): Promise<Security> {
    return this.#http.delete(`/me/passkeys/${encodeURIComponent(id)}`, grant);
  }

  startTotp(grant: string): Promise<TotpOffer> {
    return this.#http.post('/me/totp/start', {}, grant);
  }

  addTotp(flow: string, code: string): Promise<RecoveryCodes> {
    return this.#http.post('/me/totp', { flow, code });
  }

  removeTotp(grant: string): Promise<Security> {
    return this.#http.delete('/me/totp', grant);
  }

  /** The old ones work no more. */
  newRecoveryCodes(grant: string): Promise<RecoveryCodes> {
    return this.#http.post('/me/recovery-codes', {}, grant);
  }

  setTwoFactor(enabled: boolean, grant: string): Promise<Security> {
    return this.#http.put('/me/two-factor', { enabled }, grant);
  }

  unlink(identityId: string, grant: string): Promise<Security> {
    return this.#http.delete(`/me/identities/${encodeURIComponent(identityId)}`, grant);
  }

  sessions(): Promise<Page<DeviceSession>> {
    return this.#http.get('/me/sessions');
  }

  endSession(id: string): Promise<void> {
    return this.#http.delete(`/me/sessions/${encodeURIComponent(id)}`);
  }

  endOtherSessions(): Promise<void> {
    return this.#http.post('/me/sessions/end', { keepThis: true });
  }

  /** Everything that the server keeps of the account, as a file. */
  export(grant: string): Promise<Blob> {
    return this.#http.download('/me/export', grant, EXPORT_WITHIN);
  }

  /** Ends every session, this one too. */
  close(grant: string): Promise<ClosedAccount> {
    return this.#http.post('/me/close', {}, grant);
  }

  activity(cursor?: string): Promise<Page<ActivityEntry>> {
    return this.#http.get('/me/activity', { cursor, limit: 25 });
  }
}
