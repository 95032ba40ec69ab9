/** The account of the person: how it is protected, and every change of that. Changes reject where they were refused. */

import type {
  ClosedAccount,
  Identity,
  NewPassword,
  PasskeyView,
  Security,
  SentCode,
  SessionAnswer,
  TotpOffer,
} from '../api/accountTypes';
import type { AuthApi } from '../api/auth';
import type { Credential } from '../api/http';
import type { MeApi } from '../api/me';
import type { Features } from '../api/types';
import type { Errands } from '../auth/errand';
import { beginRegistration, opaquePossible } from '../auth/opaque';
import { normalPassword } from '../auth/passwordRules';
import type { Passkeys } from '../auth/passkeys';
import type { GrantsStore } from './grants.svelte';

export interface AccountOptions {
  readonly me: MeApi;
  readonly auth: Pick<AuthApi, 'startOAuth'>;
  readonly credential: Credential;
  readonly grants: Pick<GrantsStore, 'with'>;
  readonly passkeys: Passkeys;
  readonly errands: Pick<Errands, 'remember'>;
  readonly features: () => Features;
  /** The session begins anew after a change of the password. */
  readonly onSession: (answer: SessionAnswer) => void;
  /** The account is closed: nobody is signed in any more. */
  readonly onClosed: (closed: ClosedAccount) => void;
  /** Leaves the page for another one. */
  readonly leave: (url: string) => void;
}

export class AccountStore {
  /** Null until it is known. */
  security = $state.raw<Security | null>(null);
  readonly #options: AccountOptions;

  constructor(options: AccountOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    this.security = await this.#options.me.security();
  }

  async setPassword(password: string): Promise<void> {
    const { me, grants, onSession } = this.#options;
    await grants.with('password', async (grant) =>
      onSession(await me.setPassword(await this.#recordOf(password), grant)),
    );
    await this.load();
  }

  async removePassword(): Promise<void> {
    await this.#options.grants.with('passwordRemove', (grant) => this.#options.me.removePassword(grant));
    await this.load();
  }

  /** Sends a code to the new address; `confirmEmail` takes it. */
  startEmail(address: string): Promise<SentCode> {
    return this.#options.grants.with('email', (grant) => this.#options.me.startEmail(address, grant));
  }

  async confirmEmail(flow: string, code: string): Promise<void> {
    this.security = await this.#options.me.setEmail(flow, code);
  }

  async removeEmail(): Promise<void> {
    this.security = await this.#options.grants.with('emailRemove', (grant) => this.#options.me.removeEmail(grant));
  }

  async addPasskey(name: string): Promise<PasskeyView> {
    const { me, grants, passkeys } = this.#options;
    const { flow, options } = await grants.with('passkeyAdd', (grant) => me.startPasskey(grant));
    const passkey = await me.addPasskey(flow, await passkeys.make(options), name);
    await this.load();
    return passkey;
  }

  async renamePasskey(id: string, name: string): Promise<void> {
    await this.#options.me.renamePasskey(id, name);
    await this.load();
  }

  async removePasskey(id: string): Promise<void> {
    this.security = await this.#options.grants.with('passkeyRemove', (grant) =>
      this.#options.me.removePasskey(id, grant),
    );
  }

  startTotp(): Promise<TotpOffer> {
    return this.#options.grants.with('totpAdd', (grant) => this.#options.me.startTotp(grant));
  }

  /** The recovery codes, which are never shown again. */
  async confirmTotp(flow: string, code: string): Promise<readonly string[]> {
    const { recoveryCodes } = await this.#options.me.addTotp(flow, code);
    await this.load();
    return recoveryCodes;
  }

  async removeTotp(): Promise<void> {
    this.security = await this.#options.grants.with('totpRemove', (grant) => this.#options.me.removeTotp(grant));
  }

  async newRecoveryCodes(): Promise<readonly string[]> {
    const { recoveryCodes } = await this.#options.grants.with('recoveryCodes', (grant) =>
      this.#options.me.newRecoveryCodes(grant),
    );
    await this.load();
    return recoveryCodes;
  }

  /**
   * Turning it on asks for a kind of proof that this session has not seen: a session of one kind would be refused as
   * soon as it is refreshed.
   */
  async setTwoFactor(enabled: boolean): Promise<void> {
    const { me, grants } = this.#options;
    const purpose = enabled ? 'twoFactorOn' : 'twoFactorOff';
    const seen = enabled ? await this.#seenInThisSession() : [];
    this.security = await grants.with(purpose, (grant) => me.setTwoFactor(enabled, grant), seen);
  }

  /** Leaves for the provider; the way back leads to `next`. */
  async link(slug: string, next: string): Promise<void> {
    const { auth, credential, grants, errands, leave } = this.#options;
    const { url } = await grants.with('link', (grant) => auth.startOAuth(slug, 'link', credential, grant));
    errands.remember({ purpose: 'link', next });
    leave(url);
  }

  async unlink(identity: Identity): Promise<void> {
    this.security = await this.#options.grants.with('unlink', (grant) => this.#options.me.unlink(identity.id, grant));
  }

  /** Everything that the server keeps of the account. */
  export(): Promise<Blob> {
    return this.#options.grants.with('export', (grant) => this.#options.me.export(grant));
  }

  /** Closes the account, and with it the session of this page. */
  async close(): Promise<void> {
    this.#options.onClosed(await this.#options.grants.with('close', (grant) => this.#options.me.close(grant)));
  }

  async #seenInThisSession() {
    const { items } = await this.#options.me.sessions();
    const methods = items.find((session) => session.current)?.methods ?? [];
    return methods.length === 1 && methods[0] !== 'oauth' ? methods : [];
  }

  async #recordOf(password: string): Promise<NewPassword & { flow?: string }> {
    if (!this.#options.features().opaque || !opaquePossible()) return { password: normalPassword(password) };
    const registration = await beginRegistration(password);
    const { flow, response } = await this.#options.me.startPassword(registration.request);
    return { flow, upload: registration.finish(response) };
  }
}
