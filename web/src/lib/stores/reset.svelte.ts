/** A new password for somebody who lost theirs: the name, a code by email (or an operator's link), the password. */

import type { NewPassword, Proof, ResetAllowed, SentCode } from '../api/accountTypes';
import type { AuthApi } from '../api/auth';
import { ApiError, hasCode } from '../api/problem';
import type { Features } from '../api/types';
import { beginRegistration, opaquePossible } from '../auth/opaque';
import { normalPassword } from '../auth/passwordRules';
import type { Passkeys } from '../auth/passkeys';
import { methodsIn, Prover } from '../auth/prover';
import { Countdown } from './countdown.svelte';
import { ProofStore } from './proof.svelte';
import { Task } from './task.svelte';

export type ResetStep = 'name' | 'code' | 'link' | 'password' | 'second' | 'done';

export interface ResetOptions {
  readonly auth: Pick<AuthApi, 'startReset' | 'verifyReset' | 'resetOpaque' | 'resetPasskey' | 'reset'>;
  readonly passkeys: Passkeys;
  readonly features: Features;
}

export class ResetStore {
  step = $state<ResetStep>('name');
  username = $state('');
  code = $state('');
  password = $state('');
  allowed = $state.raw<ResetAllowed | null>(null);
  /** The second proof, where the account asks for one. */
  proof = $state.raw<ProofStore | null>(null);
  readonly task = new Task();
  readonly resend = new Countdown();
  readonly #options: ResetOptions;
  #sent: SentCode | null = null;

  constructor(options: ResetOptions) {
    this.#options = options;
  }

  stop(): void {
    this.resend.stop();
    this.proof?.stop();
  }

  /** Opens an operator's link. It works once. */
  async open(token: string): Promise<void> {
    this.step = 'link';
    await this.task.run(async () => this.#allow(await this.#options.auth.verifyReset({ token })));
  }

  /** Sends the code, or another one. */
  async send(): Promise<void> {
    await this.task.run(async () => {
      this.#sent = await this.#options.auth.startReset(this.username.trim());
      this.resend.start(this.#sent.resendAfter);
      this.code = '';
      this.step = 'code';
    });
  }

  async verify(): Promise<void> {
    const flow = this.#sent?.flow ?? '';
    await this.task.run(async () => this.#allow(await this.#options.auth.verifyReset({ flow, code: this.code })));
    if (this.task.error !== null) this.code = '';
    this.#backWhenOver();
  }

  /** Takes the new password; goes on to the second proof where there has to be one. */
  async choose(): Promise<void> {
    const { allowed } = this;
    if (allowed === null) return;
    if (allowed.methods.length > 0) this.#askSecond(allowed);
    else await this.task.run(() => this.#complete(allowed, null));
    this.#backWhenOver();
  }

  /** To the beginning, with the name kept. */
  restart(): void {
    this.#forget();
    this.task.error = null;
  }

  #allow(allowed: ResetAllowed): void {
    this.allowed = allowed;
    this.step = 'password';
  }

  #askSecond(allowed: ResetAllowed): void {
    const { auth, passkeys } = this.#options;
    const methods = methodsIn(allowed.methods, { passkeys: passkeys.possible });
    const starts = {
      passkey: () => auth.resetPasskey(allowed.flow),
      // Neither counts as a second proof here, so neither is ever offered.
      opaque: () => Promise.reject(new ApiError('permission_denied', 0, '')),
      email: () => Promise.reject(new ApiError('permission_denied', 0, '')),
    };
    this.proof?.stop();
    this.proof = new ProofStore({
      prover: new Prover({ starts, passkeys, opaque: false, plainToo: false }),
      methods,
      submit: (proof) => this.#completeWith(allowed, proof),
      onOver: () => {
        this.task.error = this.proof?.task.error ?? null;
        this.#forget();
      },
    });
    this.step = 'second';
  }

  async #completeWith(allowed: ResetAllowed, proof: Proof): Promise<void> {
    try {
      await this.#complete(allowed, proof);
    } catch (error) {
      if (!hasCode(error, 'invalid_argument')) throw error;
      // It is the password that does not suit.
      this.task.error = error;
      this.step = 'password';
    }
  }

  async #complete({ flow }: ResetAllowed, proof: Proof | null): Promise<void> {
    const { auth } = this.#options;
    await auth.reset(flow, await this.#recordOf(flow), proof);
    this.password = '';
    this.proof?.stop();
    this.step = 'done';
  }

  async #recordOf(flow: string): Promise<NewPassword> {
    const { auth, features } = this.#options;
    if (!features.opaque || !opaquePossible()) return { password: normalPassword(this.password) };
    const registration = await beginRegistration(this.password);
    const { response } = await auth.resetOpaque(flow, registration.request);
    return { upload: registration.finish(response) };
  }

  #backWhenOver(): void {
    if (hasCode(this.task.error, 'flow_over')) this.#forget();
  }

  #forget(): void {
    this.#sent = null;
    this.allowed = null;
    this.proof?.stop();
    this.proof = null;
    this.step = 'name';
  }
}
