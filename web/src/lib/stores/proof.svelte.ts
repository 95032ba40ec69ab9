/** Proving who one is with one of several methods: the one that is shown, what was typed, and how it went. */

import type { Proof, SentCode } from '../api/accountTypes';
import { hasCode } from '../api/problem';
import type { Method, Prover } from '../auth/prover';
import { Countdown } from './countdown.svelte';
import { Task } from './task.svelte';

export interface ProofOptions {
  readonly prover: Pick<Prover, 'password' | 'passkey' | 'sendCode'>;
  /** In the order in which they are offered; the first is shown. Not empty. */
  readonly methods: readonly Method[];
  /** Hands the proof in. What it rejects with is shown where the proof was given. */
  readonly submit: (proof: Proof) => Promise<void>;
  /** Called when whatever the proof was for is over, and has to begin anew. */
  readonly onOver: () => void;
}

export class ProofStore {
  method = $state<Method>('password');
  /** The password or code in the field. */
  typed = $state('');
  /** The code that is on its way by email. */
  sent = $state.raw<SentCode | null>(null);
  readonly task = new Task();
  readonly methods: readonly Method[];
  readonly resend = new Countdown();
  readonly #options: ProofOptions;

  constructor(options: ProofOptions) {
    this.#options = options;
    this.methods = options.methods;
    this.method = options.methods[0] ?? 'password';
  }

  get others(): readonly Method[] {
    return this.methods.filter((method) => method !== this.method);
  }

  /** Another method. What a click can begin at once, it begins: choosing email sends the code. */
  async choose(method: Method): Promise<void> {
    this.method = method;
    this.typed = '';
    this.task.error = null;
    if (method === 'email' && this.sent === null) await this.send();
    if (method === 'passkey') await this.prove();
  }

  /** Sends a code, or another one. */
  async send(): Promise<void> {
    await this.#attempt(async () => {
      this.sent = await this.#options.prover.sendCode();
      this.resend.start(this.sent.resendAfter);
    }, this.#options.onOver);
  }

  /** Hands in what was typed, or asks for the passkey. */
  async prove(): Promise<void> {
    // Whether it is the flow of the proof that is over, or what the proof is for, shows at the next beginning.
    const over = ['totp', 'recovery'].includes(this.method) ? this.#options.onOver : () => (this.sent = null);
    await this.#attempt(async () => this.#options.submit(await this.#make()), over);
    if (this.task.error !== null && this.method !== 'password') this.typed = '';
  }

  stop(): void {
    this.resend.stop();
  }

  #make(): Promise<Proof> {
    const { prover } = this.#options;
    switch (this.method) {
      case 'password':
        return prover.password(this.typed);
      case 'passkey':
        return prover.passkey();
      case 'email':
        return Promise.resolve({ kind: 'email', flow: this.sent?.flow ?? '', code: this.typed });
      default:
        return Promise.resolve({ kind: this.method, code: this.typed });
    }
  }

  async #attempt(work: () => Promise<void>, onOver: () => void): Promise<void> {
    await this.task.run(work);
    if (hasCode(this.task.error, 'flow_over')) onOver();
  }
}
