/** Signing up: what the newcomer wants to be called and sign in with, then what that takes. */

import type { SessionAnswer, SignUpEnd, SignUpStarted, SignUpWay } from '../api/accountTypes';
import type { AuthApi } from '../api/auth';
import { ApiError } from '../api/problem';
import type { Features } from '../api/types';
import { beginRegistration, opaquePossible } from '../auth/opaque';
import { normalPassword } from '../auth/passwordRules';
import type { Passkeys } from '../auth/passkeys';
import type { RegistrationResponseJSON } from '@simplewebauthn/browser';
import { Countdown } from './countdown.svelte';
import { Task } from './task.svelte';

export type SignUpStep = 'form' | 'code' | 'passkey' | 'review';

export interface SignUpOptions {
  readonly auth: Pick<AuthApi, 'startSignUp' | 'signUp'>;
  readonly passkeys: Passkeys;
  readonly features: Features;
  /** As the server names it. */
  readonly language: string;
  /** What this device's passkey is called. */
  readonly passkeyName: string;
  readonly onSession: (answer: SessionAnswer) => void;
}

/** The ways that are open and that this browser can go. */
export function signUpWays(features: Features, passkeysPossible: boolean): SignUpWay[] {
  const { signUp, passkeys, mail } = features;
  const open: SignUpWay[] = signUp.password ? ['password'] : [];
  if (signUp.passkey && passkeys && passkeysPossible) open.push('passkey');
  if (signUp.email && mail) open.push('email');
  return open;
}

export class SignUpStore {
  way = $state<SignUpWay>('password');
  username = $state('');
  email = $state('');
  password = $state('');
  code = $state('');
  step = $state<SignUpStep>('form');
  readonly ways: readonly SignUpWay[];
  readonly task = new Task();
  readonly resend = new Countdown();
  readonly #options: SignUpOptions;
  #started: SignUpStarted | null = null;
  #proof: Pick<SignUpEnd, 'password' | 'upload'> = {};
  /** Made once: a wrong code must not leave a second passkey behind. */
  #credential: RegistrationResponseJSON | null = null;

  constructor(options: SignUpOptions) {
    this.#options = options;
    this.ways = signUpWays(options.features, options.passkeys.possible);
    this.way = this.ways[0] ?? 'password';
  }

  get asksEmail(): boolean {
    return this.way === 'email' || this.#options.features.emailRequired;
  }

  stop(): void {
    this.resend.stop();
  }

  /** Hands the form in; also to have another code sent. */
  async begin(): Promise<void> {
    await this.task.run(async () => {
      await this.#start();
      if (this.#started?.email) this.step = 'code';
      else await this.#finish();
    });
    this.#backWhenOver();
  }

  /** Goes on with the code, or with making the passkey. */
  async goOn(): Promise<void> {
    await this.task.run(() => this.#finish());
    if (this.task.error !== null) this.code = '';
    this.#backWhenOver();
  }

  /** Back to the form, to change what was given. */
  back(): void {
    this.step = 'form';
    this.task.error = null;
    this.code = '';
  }

  async #start(): Promise<void> {
    const { auth, features } = this.#options;
    const registration =
      this.way === 'password' && features.opaque && opaquePossible() ? await beginRegistration(this.password) : null;
    const started = await auth.startSignUp({
      way: this.way,
      username: this.username.trim(),
      ...(this.asksEmail ? { email: this.email.trim() } : {}),
      ...(registration === null ? {} : { request: registration.request }),
    });
    this.#started = started;
    this.#credential = null;
    this.#proof = {};
    if (registration !== null) this.#proof = { upload: registration.finish(started.opaque?.response ?? '') };
    else if (this.way === 'password') this.#proof = { password: normalPassword(this.password) };
    if (started.email !== null) this.resend.start(started.email.resendAfter);
  }

  async #finish(): Promise<void> {
    const { auth, passkeys, passkeyName, language, onSession } = this.#options;
    const started = this.#started;
    if (started === null) return this.back();
    if (started.passkey !== null && this.#credential === null) {
      // From here on it can be tried again, should the person decline or the browser want a click of its own.
      this.step = 'passkey';
      this.#credential = await passkeys.make(started.passkey.options);
    }
    const answer = await auth.signUp({
      flow: started.flow,
      language,
      ...this.#proof,
      ...(started.email === null ? {} : { code: this.code }),
      ...(this.#credential === null ? {} : { credential: this.#credential, passkeyName }),
    });
    if ('review' in answer) this.step = 'review';
    else onSession(answer);
  }

  #backWhenOver(): void {
    const { error } = this.task;
    if (!(error instanceof ApiError)) return;
    // The sentence stays, and stands over the form then.
    if (['flow_over', 'already_exists', 'invalid_argument', 'permission_denied'].includes(error.code))
      this.step = 'form';
    else if (error.code === 'invalid_credentials') this.step = 'code';
  }
}
