/** Passkeys (WebAuthn): asking for one and making one, with errors that say what happened. */

import {
  browserSupportsWebAuthn,
  browserSupportsWebAuthnAutofill,
  startAuthentication,
  startRegistration,
  WebAuthnAbortService,
  type AuthenticationResponseJSON,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
} from '@simplewebauthn/browser';

export type PasskeyTrouble =
  /** The person declined, or let it run out; browsers don't tell which. */
  | 'passkey_cancelled'
  /** This device holds one for the account already. */
  | 'passkey_exists'
  /** The page is open under an address that is not the one of the server's passkeys. */
  | 'passkey_address'
  | 'passkey_unsupported'
  | 'passkey_failed'
  /** Another question took its place: nothing to tell the person. */
  | 'passkey_superseded';

export class PasskeyError extends Error {
  readonly code: PasskeyTrouble;
  readonly retryAfter = null;

  constructor(code: PasskeyTrouble) {
    super('');
    this.name = 'PasskeyError';
    this.code = code;
  }
}

/** What is used of the browser. */
export interface PasskeyBrowser {
  supported(): boolean;
  supportsAutofill(): Promise<boolean>;
  ask(question: {
    optionsJSON: PublicKeyCredentialRequestOptionsJSON;
    useBrowserAutofill?: boolean;
  }): Promise<AuthenticationResponseJSON>;
  make(offer: { optionsJSON: PublicKeyCredentialCreationOptionsJSON }): Promise<RegistrationResponseJSON>;
  cancel(): void;
}

const BROWSER: PasskeyBrowser = {
  supported: browserSupportsWebAuthn,
  supportsAutofill: browserSupportsWebAuthnAutofill,
  ask: startAuthentication,
  make: startRegistration,
  cancel: () => WebAuthnAbortService.cancelCeremony(),
};

export class Passkeys {
  readonly #browser: PasskeyBrowser;

  constructor(browser: PasskeyBrowser = BROWSER) {
    this.#browser = browser;
  }

  /** Browsers have none where the page is not served securely. */
  get possible(): boolean {
    return this.#browser.supported();
  }

  /** Whether the browser lists passkeys among what it offers to fill in. */
  offersAutofill(): Promise<boolean> {
    return this.#browser.supportsAutofill();
  }

  /** Rejects with a `PasskeyError`. */
  ask(optionsJSON: PublicKeyCredentialRequestOptionsJSON): Promise<AuthenticationResponseJSON> {
    return this.#told(() => this.#browser.ask({ optionsJSON }));
  }

  /** Waits, for as long as it takes, until the person chooses a passkey in the name field. */
  askByAutofill(optionsJSON: PublicKeyCredentialRequestOptionsJSON): Promise<AuthenticationResponseJSON> {
    return this.#told(() => this.#browser.ask({ optionsJSON, useBrowserAutofill: true }));
  }

  /** Rejects with a `PasskeyError`. */
  make(optionsJSON: PublicKeyCredentialCreationOptionsJSON): Promise<RegistrationResponseJSON> {
    return this.#told(() => this.#browser.make({ optionsJSON }));
  }

  /** Takes the open question back. */
  cancel(): void {
    this.#browser.cancel();
  }

  async #told<T>(work: () => Promise<T>): Promise<T> {
    if (!this.possible) throw new PasskeyError('passkey_unsupported');
    try {
      return await work();
    } catch (error) {
      throw new PasskeyError(troubleIn(error));
    }
  }
}

const TROUBLES: Readonly<Record<string, PasskeyTrouble>> = {
  AbortError: 'passkey_superseded',
  NotAllowedError: 'passkey_cancelled',
  InvalidStateError: 'passkey_exists',
  SecurityError: 'passkey_address',
  NotSupportedError: 'passkey_unsupported',
  ConstraintError: 'passkey_unsupported',
};

function troubleIn(error: unknown): PasskeyTrouble {
  return (error instanceof Error ? TROUBLES[error.name] : undefined) ?? 'passkey_failed';
}

export const passkeys = new Passkeys();
