/**
 * Fresh proofs for what is sensitive. Whoever needs one asks here; the question comes up, and what was wanted goes on by
 * itself. A grant is used once and kept nowhere, except over a visit to another server that vouches for the person.
 */

import type { Factor, Grant, Proof, Security } from '../api/accountTypes';
import { ProofApi, type AuthApi } from '../api/auth';
import type { Credential } from '../api/http';
import { hasCode } from '../api/problem';
import type { Features } from '../api/types';
import { Cancelled } from '../auth/cancelled';
import type { Errands } from '../auth/errand';
import { opaquePossible } from '../auth/opaque';
import type { Passkeys } from '../auth/passkeys';
import { methodsIn, Prover, type ProofStarts } from '../auth/prover';
import { ProofStore } from './proof.svelte';

export interface GrantsOptions {
  readonly credential: Credential;
  readonly passkeys: Passkeys;
  readonly auth: Pick<AuthApi, 'startOAuth'>;
  readonly errands: Pick<Errands, 'remember'>;
  readonly features: () => Features;
  readonly security: () => Promise<Pick<Security, 'methods' | 'identities'>>;
  readonly proofs?: ProofStarts & { grant(proof: Proof): Promise<Grant> };
  /** Leaves the page for another one. */
  readonly leave: (url: string) => void;
  /** The address to come back to. */
  readonly here: () => string;
}

/** What a grant is wanted for. */
export type Purpose =
  | 'password'
  | 'passwordRemove'
  | 'email'
  | 'emailRemove'
  | 'passkeyAdd'
  | 'passkeyRemove'
  | 'totpAdd'
  | 'totpRemove'
  | 'recoveryCodes'
  | 'twoFactorOn'
  | 'twoFactorOff'
  | 'link'
  | 'unlink'
  | 'export'
  | 'close';

/** Somebody elsewhere who can vouch for the person. */
export interface Voucher {
  readonly slug: string;
  readonly name: string;
}

/** The question as it is shown. */
export interface Question {
  readonly purpose: Purpose;
  /** Null when there is nothing that this browser can prove here. */
  readonly proof: ProofStore | null;
  readonly vouchers: readonly Voucher[];
}

export class GrantsStore {
  question = $state.raw<Question | null>(null);
  /** Whether a grant from elsewhere waits for what it was fetched for. */
  waiting = $state(false);
  readonly #options: GrantsOptions;
  #kept: { readonly grant: string; readonly goodUntil: number } | null = null;
  #answer: { resolve: (grant: string) => void; reject: (error: Error) => void } | null = null;

  constructor(options: GrantsOptions) {
    this.#options = options;
  }

  /**
   * Does something sensitive with a grant. `unlike`: kinds of proof that will not do. Rejects with `Cancelled` when the
   * person declines to prove anything.
   */
  async with<T>(purpose: Purpose, action: (grant: string) => Promise<T>, unlike: readonly Factor[] = []): Promise<T> {
    const kept = this.#takeKept();
    if (kept === null) return action(await this.#ask(purpose, unlike));
    try {
      return await action(kept);
    } catch (error) {
      if (!hasCode(error, 'reauthentication_required')) throw error;
      return action(await this.#ask(purpose, unlike));
    }
  }

  /** Keeps a grant that was got by visiting another server, for the one thing that comes next. */
  keep({ grant, expiresIn }: Grant): void {
    this.#kept = { grant, goodUntil: performance.now() + expiresIn * 1000 };
    this.waiting = true;
  }

  cancel(): void {
    this.#answer?.reject(new Cancelled());
    this.#close();
  }

  /** Leaves for a server that vouches for the person. What they were about is not remembered, only where. */
  async visit({ slug }: Voucher): Promise<void> {
    const { auth, errands, credential, here, leave } = this.#options;
    const { url } = await auth.startOAuth(slug, 'grant', credential);
    errands.remember({ purpose: 'grant', next: here() });
    leave(url);
  }

  async #ask(purpose: Purpose, unlike: readonly Factor[]): Promise<string> {
    const { methods, identities } = await this.#options.security();
    this.cancel();
    const offered = methods.filter((method) => !unlike.includes(method));
    const vouchers = offered.includes('oauth') ? unique(identities) : [];
    const proof = this.#proofOf(offered);
    return new Promise((resolve, reject) => {
      this.#answer = { resolve, reject };
      this.question = { purpose, proof, vouchers };
    });
  }

  #proofOf(factors: readonly Factor[]): ProofStore | null {
    const { credential, passkeys, features } = this.#options;
    // A recovery code is for getting in without the app, and too dear for this.
    const methods = methodsIn(factors, { passkeys: passkeys.possible }).filter((method) => method !== 'recovery');
    if (methods.length === 0) return null;
    const proofs = this.#options.proofs ?? new ProofApi({ credential });
    const { opaque, plainPasswords: plainToo } = features();
    const prover = new Prover({ starts: proofs, passkeys, opaque: opaque && opaquePossible(), plainToo });
    const submit = async (proof: Proof) => this.#granted(await proofs.grant(proof));
    return new ProofStore({ prover, methods, submit, onOver: () => undefined });
  }

  #granted({ grant }: Grant): void {
    this.#answer?.resolve(grant);
    this.#close();
  }

  #close(): void {
    this.question?.proof?.stop();
    this.question = null;
    this.#answer = null;
  }

  #takeKept(): string | null {
    const kept = this.#kept;
    this.#kept = null;
    this.waiting = false;
    return kept !== null && kept.goodUntil > performance.now() ? kept.grant : null;
  }
}

function unique(identities: Security['identities']): Voucher[] {
  return [...new Map(identities.map(({ provider, providerName }) => [provider, providerName]))].map(([slug, name]) => ({
    slug,
    name,
  }));
}
