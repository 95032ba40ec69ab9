/** Makes proofs: for the first step, for the second, and for confirming something sensitive. */

import type { Factor, OpaqueAnswer, PasskeyQuestion, Proof, SentCode } from '../api/accountTypes';
import { beginSignIn } from './opaque';
import type { Passkeys } from './passkeys';

/** The first halves of the proofs that the server is needed for twice. */
export interface ProofStarts {
  opaque(request: string): Promise<OpaqueAnswer>;
  passkey(): Promise<PasskeyQuestion>;
  email(): Promise<SentCode>;
}

export interface ProverOptions {
  readonly starts: ProofStarts;
  readonly passkeys: Passkeys;
  /**
   * Whether the password is proven by OPAQUE. Settled before anything is sent: a password whose OPAQUE proof failed is
   * never sent after it.
   */
  readonly opaque: boolean;
  /** Whom the password belongs to, where the server does not know it yet. */
  readonly username?: string;
}

export class Prover {
  readonly #options: ProverOptions;

  constructor(options: ProverOptions) {
    this.#options = options;
  }

  async password(password: string): Promise<Proof> {
    const { opaque, starts, username } = this.#options;
    if (!opaque) return { kind: 'password', password, ...(username === undefined ? {} : { username }) };
    const attempt = await beginSignIn(password);
    const { flow, response } = await starts.opaque(attempt.request);
    return { kind: 'opaque', flow, finalization: attempt.finish(response) };
  }

  /** Rejects with a `PasskeyError` when the person declines. */
  async passkey(): Promise<Proof> {
    const { flow, options } = await this.#options.starts.passkey();
    return { kind: 'passkey', flow, credential: await this.#options.passkeys.ask(options) };
  }

  sendCode(): Promise<SentCode> {
    return this.#options.starts.email();
  }
}

/** How somebody can prove something, in the order in which it is offered. */
export type Method = Exclude<Factor, 'oauth'>;

const ORDER: readonly Method[] = ['totp', 'passkey', 'email', 'password', 'recovery'];

/** The methods for a second step or a confirmation; a recovery code stands in for the authenticator app. */
export function methodsIn(factors: readonly Factor[], possible: { passkeys: boolean }): Method[] {
  const offered = new Set<Factor>(factors);
  if (offered.has('totp')) offered.add('recovery');
  if (!possible.passkeys) offered.delete('passkey');
  return ORDER.filter((method) => offered.has(method));
}
