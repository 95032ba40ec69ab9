/**
 * Getting in: setup, signing in and out, signing up, a forgotten password. Refresh tokens live in a cookie that this page
 * cannot read.
 */

import type {
  Grant,
  NewPassword,
  OAuthOutcome,
  OAuthPurpose,
  OpaqueAnswer,
  PasskeyQuestion,
  Proof,
  ResetAllowed,
  SentCode,
  SessionAnswer,
  SignInAnswer,
  SignUpAnswer,
  SignUpEnd,
  SignUpStart,
  SignUpStarted,
} from './accountTypes';
import { Http, NOBODY, type Credential } from './http';
import type { ServerInfo } from './types';

const COOKIE = { delivery: 'cookie' } as const;

export class AuthApi {
  readonly #nobody = new Http(NOBODY);

  server(): Promise<ServerInfo> {
    return this.#nobody.get('/server');
  }

  /**
   * Makes the first account with the one-time token of the setup link. With `allowHomeNetwork`, the server may call media
   * servers at private addresses from now on.
   */
  setup(token: string, username: string, password: string, allowHomeNetwork: boolean): Promise<SessionAnswer> {
    return this.#nobody.post('/setup', { token, username, password, allowHomeNetwork, ...COOKIE });
  }

  /** The first step. */
  signIn(proof: Proof): Promise<SignInAnswer> {
    if (proof.kind !== 'password') return this.#nobody.post('/auth/login', { proof, ...COOKIE });
    const { username, password } = proof;
    return this.#nobody.post('/auth/password/login', { username, password, ...COOKIE });
  }

  /** The second step. */
  finishSignIn(mfa: string, proof: Proof): Promise<SessionAnswer> {
    return this.#nobody.post('/auth/mfa', { mfa, proof, ...COOKIE });
  }

  /** A new access token for the refresh cookie; `unauthenticated` when there is none that is good. */
  refresh(): Promise<SessionAnswer> {
    return this.#nobody.post('/auth/refresh', {});
  }

  signOut(credential: Credential): Promise<void> {
    return new Http(credential).post('/auth/logout');
  }

  startSignUp(start: SignUpStart): Promise<SignUpStarted> {
    return this.#nobody.post('/auth/sign-up/start', start);
  }

  signUp(end: SignUpEnd): Promise<SignUpAnswer> {
    return this.#nobody.post('/auth/sign-up', { ...end, ...COOKIE });
  }

  /** Answers the same whoever it is. */
  startReset(username: string): Promise<SentCode> {
    return this.#nobody.post('/auth/reset/start', { username });
  }

  verifyReset(proof: { flow: string; code: string } | { token: string }): Promise<ResetAllowed> {
    return this.#nobody.post('/auth/reset/verify', proof);
  }

  resetOpaque(flow: string, request: string): Promise<{ response: string }> {
    return this.#nobody.post('/auth/reset/opaque', { flow, request });
  }

  resetPasskey(flow: string): Promise<PasskeyQuestion> {
    return this.#nobody.post('/auth/reset/passkey', { flow });
  }

  reset(flow: string, password: NewPassword, proof: Proof | null): Promise<void> {
    return this.#nobody.post('/auth/reset', { flow, ...password, ...(proof === null ? {} : { proof }) });
  }

  /** Where to send the browser. The cookie that this sets ties the way back to this browser. */
  startOAuth(slug: string, purpose: OAuthPurpose, credential: Credential, grant?: string): Promise<{ url: string }> {
    return new Http(credential).post(`/auth/oauth/${encodeURIComponent(slug)}/start`, { purpose }, grant);
  }

  finishOAuth(result: string, credential: Credential): Promise<OAuthOutcome> {
    return new Http(credential).post('/auth/oauth/finish', { result, ...COOKIE });
  }
}

/** Whom a proof is about: a name that somebody gave, a second step that is under way, or the holder of a credential. */
export type Proven =
  | { readonly username: string }
  | { readonly mfa: string }
  /** Whoever the passkey belongs to. */
  | { readonly anybody: true }
  | { readonly credential: Credential };

/** The first half of the proofs that need the server twice. */
export class ProofApi {
  readonly #http: Http;
  readonly #who: object;

  constructor(proven: Proven) {
    this.#http = new Http('credential' in proven ? proven.credential : NOBODY);
    this.#who = 'username' in proven || 'mfa' in proven ? proven : {};
  }

  opaque(request: string): Promise<OpaqueAnswer> {
    return this.#http.post('/auth/opaque/start', { ...this.#who, request });
  }

  /** For the first step whoever has a passkey for this server may answer, so no name is sent. */
  passkey(): Promise<PasskeyQuestion> {
    return this.#http.post('/auth/passkey/start', 'mfa' in this.#who ? this.#who : {});
  }

  email(): Promise<SentCode> {
    return this.#http.post('/auth/email/start', this.#who);
  }

  /** A single-use permission for something sensitive; for the holder of a credential only. */
  grant(proof: Proof): Promise<Grant> {
    return this.#http.post('/auth/grants', { proof });
  }
}
