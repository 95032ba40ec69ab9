/** The values of the HTTP API around accounts. Binary values are unpadded base64url; times RFC 3339; durations seconds. */

import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/browser';

export interface Account {
  readonly id: string;
  readonly username: string;
  readonly role: string;
  readonly email?: string | null;
  /** The language of letters; null while nobody chose one. */
  readonly language?: string | null;
  readonly twoFactor?: boolean;
  readonly createdAt?: string;
}

export interface SessionAnswer {
  readonly accessToken: string;
  readonly expiresIn: number;
  readonly account: Account;
}

/** A kind of proof as the server counts them. Recovery codes are a kind of TOTP, and typed instead of it. */
export type Factor = 'password' | 'passkey' | 'email' | 'totp' | 'recovery' | 'oauth';

export type Proof =
  | { readonly kind: 'password'; readonly username?: string; readonly password: string }
  | { readonly kind: 'opaque'; readonly flow: string; readonly finalization: string }
  | { readonly kind: 'passkey'; readonly flow: string; readonly credential: AuthenticationResponseJSON }
  | { readonly kind: 'email'; readonly flow: string; readonly code: string }
  | { readonly kind: 'totp' | 'recovery'; readonly code: string };

/** The second step that a first proof led to. */
export interface SecondStep {
  readonly id: string;
  readonly methods: readonly Factor[];
  readonly expiresIn: number;
}

export type SignInAnswer = SessionAnswer | { readonly mfa: SecondStep };

export interface OpaqueAnswer {
  readonly flow: string;
  readonly response: string;
}

export interface PasskeyQuestion {
  readonly flow: string;
  readonly options: PublicKeyCredentialRequestOptionsJSON;
}

export interface PasskeyOffer {
  readonly flow: string;
  readonly options: PublicKeyCredentialCreationOptionsJSON;
}

export interface SentCode {
  readonly flow: string;
  readonly expiresIn: number;
  /** A new code may be asked for after this. */
  readonly resendAfter: number;
}

export interface Grant {
  readonly grant: string;
  readonly expiresIn: number;
}

export type OAuthPurpose = 'signIn' | 'link' | 'grant';

/** Somebody whom nobody here knows yet, and who may sign up. */
export interface Newcomer {
  readonly flow: string;
  /** A suggestion. */
  readonly username: string;
  readonly email: string | null;
  /** Whether an operator will have to approve. */
  readonly review: boolean;
}

export type OAuthOutcome = SessionAnswer | Grant | { readonly linked: Identity } | { readonly signUp: Newcomer };

export type SignUpWay = 'password' | 'email' | 'passkey';

export interface SignUpStart {
  readonly way: SignUpWay;
  readonly username: string;
  readonly email?: string;
  /** OPAQUE. */
  readonly request?: string;
}

export interface SignUpStarted {
  readonly flow: string;
  readonly email: Omit<SentCode, 'flow'> | null;
  readonly opaque: { readonly response: string } | null;
  readonly passkey: { readonly options: PublicKeyCredentialCreationOptionsJSON } | null;
}

export interface SignUpEnd {
  readonly flow: string;
  readonly username?: string;
  readonly code?: string;
  readonly password?: string;
  readonly upload?: string;
  readonly credential?: RegistrationResponseJSON;
  readonly passkeyName?: string;
  readonly language?: string;
}

export type SignUpAnswer = SessionAnswer | { readonly review: true };

/** Who may set a new password; `methods` not empty: one of these has to be proven as well. */
export interface ResetAllowed {
  readonly flow: string;
  readonly username: string;
  readonly methods: readonly Factor[];
}

export type NewPassword = { readonly password: string } | { readonly upload: string };

export interface PasskeyView {
  readonly id: string;
  readonly name: string;
  readonly synced: boolean;
  readonly createdAt: string;
  readonly usedAt: string | null;
}

export interface Identity {
  readonly id: string;
  readonly provider: string;
  readonly providerName: string;
  /** What its holder recognises it by. */
  readonly shown: string;
  readonly linkedAt: string;
  readonly usedAt: string | null;
}

export interface Security {
  readonly password: { readonly set: boolean; readonly opaque: boolean };
  readonly email: { readonly address: string; readonly usable: boolean } | null;
  readonly totp: { readonly since: string } | null;
  /** How many are left. */
  readonly recoveryCodes: number;
  readonly passkeys: readonly PasskeyView[];
  readonly identities: readonly Identity[];
  readonly twoFactor: boolean;
  readonly canEnableTwoFactor: boolean;
  /** What the holder can confirm with. */
  readonly methods: readonly Factor[];
}

export interface TotpOffer {
  readonly flow: string;
  /** Base32. */
  readonly secret: string;
  readonly uri: string;
}

export interface DeviceSession {
  readonly id: string;
  readonly current: boolean;
  readonly userAgent: string;
  readonly address: string;
  readonly methods: readonly Factor[];
  readonly createdAt: string;
  readonly refreshedAt: string;
  readonly expiresAt: string;
}

export interface ActivityEntry {
  readonly id: string;
  readonly at: string;
  readonly action: string;
  readonly actor: { readonly kind: string; readonly name: string };
  readonly address: string;
  readonly userAgent: string;
  readonly detail: Readonly<Record<string, string>>;
}

/** Until when the operator can bring the account back. */
export interface ClosedAccount {
  readonly restorableUntil: string;
}
