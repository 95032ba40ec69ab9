/** Makes proofs: for the first step, for the second, and for confirming something sensitive. */

import type { Factor, OpaqueAnswer, PasskeyQuestion, Proof, SentCode } from '../api/accountTypes';
import { hasCode } from '../api/problem';
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
  /** Whether the password is proven by OPAQUE. */
  readonly opaque: boolean;
  /**
   * Whether a password whose OPAQUE proof failed is sent after it. Only while the server has accounts of which it has
   * nothing else to check it against; of which names that is true, it does not say.
   */
  readonly plainToo: boolean;
  /** Whom the password belongs to, where the server does not know it yet. */
  readonly username?: string;
}

export class Prover {
  readonly #options: ProverOptions;

  constructor(options: ProverOptions) {
    this.#options = options;
  }

  async password(password: string): Promise<Proof> {
    const { opaque, plainToo, starts, username } = this.#options;
    const plain: Proof = { kind: 'password', password, ...(username === undefined ? {} : { username }) };
    if (!opaque) return plain;
    const attempt = await beginSignIn(password);
    const { flow, response } = await starts.opaque(attempt.request);
    try {
      return { kind: 'opaque', flow, finalization: attempt.finish(response) };
    } catch (problem) {
      if (plainToo && hasCode(problem, 'invalid_credentials')) return plain;
      throw problem;
    }
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
