/** Signing in: the name, then what this server offers, then a second step where the account asks for one. */

import type { Proof, SecondStep, SessionAnswer, SignInAnswer } from '../api/accountTypes';
import { ProofApi, type AuthApi, type Proven } from '../api/auth';
import type { Features } from '../api/types';
import { opaquePossible } from '../auth/opaque';
import type { Passkeys } from '../auth/passkeys';
import { methodsIn, Prover, type Method, type ProofStarts } from '../auth/prover';
import { ProofStore } from './proof.svelte';
import { Task } from './task.svelte';

export type Step = 'name' | 'first' | 'second' | 'over';

export interface SignInOptions {
  readonly auth: Pick<AuthApi, 'signIn' | 'finishSignIn'>;
  readonly passkeys: Passkeys;
  readonly starts?: (proven: Proven) => ProofStarts;
  readonly onSession: (answer: SessionAnswer) => void;
}

/** A passkey question holds for ten minutes; a page that stays open asks anew before. */
const AUTOFILL_MS = 8 * 60_000;

export class SignInStore {
  step = $state<Step>('name');
  username = $state('');
  /** Of the name's screen, where a passkey needs no name. */
  readonly task = new Task();
  proof = $state.raw<ProofStore | null>(null);
  readonly #options: SignInOptions;
  readonly #starts: (proven: Proven) => ProofStarts;
  #autofill: ReturnType<typeof setTimeout> | undefined;
  #expiry: ReturnType<typeof setTimeout> | undefined;

  constructor(options: SignInOptions) {
    this.#options = options;
    this.#starts = options.starts ?? ((proven) => new ProofApi(proven));
  }

  stop(): void {
    clearTimeout(this.#autofill);
    clearTimeout(this.#expiry);
    this.#options.passkeys.cancel();
    this.proof?.stop();
  }

  /** Goes on with the name that was given. What the account has is not asked: every name gets the same offer. */
  name(username: string, features: Features): void {
    this.#leaveNameScreen();
    this.username = username.trim();
    const proven = { username: this.username };
    this.#show(
      'first',
      proven,
      firstMethods(features, this.#options.passkeys.possible, this.byAddress),
      features,
      (proof) => this.#first(proof, features),
    );
  }

  /** Whether an address was given: passwords go with user names only. */
  get byAddress(): boolean {
    return this.username.includes('@');
  }

  /** Back to the name. */
  rename(): void {
    this.#forget();
    this.task.error = null;
    this.step = 'name';
  }

  /** Signs in with whatever passkey the person chooses; no name is needed. */
  async passkey(features: Features): Promise<void> {
    clearTimeout(this.#autofill);
    await this.task.run(async () => {
      const { flow, options } = await this.#starts({ anybody: true }).passkey();
      const credential = await this.#options.passkeys.ask(options);
      await this.#first({ kind: 'passkey', flow, credential }, features);
    });
  }

  /** Lets the browser offer passkeys in the name field, where it can. */
  async offerPasskeys(features: Features): Promise<void> {
    const { passkeys } = this.#options;
    if (!features.passkeys || !passkeys.possible || !(await passkeys.offersAutofill())) return;
    const question = await this.#starts({ anybody: true })
      .passkey()
      .catch(() => null);
    if (question === null || this.step !== 'name' || this.task.busy) return;
    this.#autofill = setTimeout(() => void this.offerPasskeys(features), AUTOFILL_MS);
    const credential = await passkeys.askByAutofill(question.options).catch(() => null);
    if (credential === null) return;
    const done = await this.task.run(() => this.#first({ kind: 'passkey', flow: question.flow, credential }, features));
    if (!done) void this.offerPasskeys(features);
  }

  #second(mfa: SecondStep, features: Features): void {
    this.#forget();
    const { passkeys, auth, onSession } = this.#options;
    const methods = methodsIn(mfa.methods, { passkeys: passkeys.possible });
    this.#expiry = setTimeout(() => this.#over(), mfa.expiresIn * 1000);
    this.#show('second', { mfa: mfa.id }, methods, features, async (proof) => {
      const answer = await auth.finishSignIn(mfa.id, proof);
      this.stop();
      onSession(answer);
    });
  }

  async #first(proof: Proof, features: Features): Promise<void> {
    const answer: SignInAnswer = await this.#options.auth.signIn(proof);
    this.#leaveNameScreen();
    if ('mfa' in answer) this.#second(answer.mfa, features);
    else this.#options.onSession(answer);
  }

  #show(
    step: Step,
    proven: Proven,
    methods: readonly Method[],
    features: Features,
    submit: (proof: Proof) => Promise<void>,
  ): void {
    this.proof?.stop();
    const opaque = features.opaque && opaquePossible();
    const named = 'username' in proven ? { username: proven.username } : {};
    const { passkeys } = this.#options;
    const plainToo = features.plainPasswords;
    const prover = new Prover({ starts: this.#starts(proven), passkeys, opaque, plainToo, ...named });
    const onOver = step === 'second' ? () => this.#over() : () => undefined;
    this.proof = new ProofStore({ prover, methods, submit, onOver });
    this.step = step;
  }

  #over(): void {
    this.#forget();
    this.step = 'over';
  }

  #leaveNameScreen(): void {
    clearTimeout(this.#autofill);
    this.#options.passkeys.cancel();
  }

  #forget(): void {
    clearTimeout(this.#expiry);
    this.proof?.stop();
    this.proof = null;
  }
}

/** What the server offers after the name; the password first, since most people have one. With an address, a code. */
function firstMethods(features: Features, passkeysPossible: boolean, byAddress: boolean): Method[] {
  const sendsCodes = features.emailSignIn && features.mail;
  const offered: Method[] = features.passwordSignIn && !byAddress ? ['password'] : [];
  if (sendsCodes && byAddress) offered.push('email');
  if (features.passkeys && passkeysPossible) offered.push('passkey');
  if (sendsCodes && !byAddress) offered.push('email');
  return offered.length > 0 ? offered : ['password'];
}
