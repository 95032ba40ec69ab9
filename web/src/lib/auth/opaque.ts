/**
 * Passwords by OPAQUE (RFC 9807): the server learns whether the password is right, and never the password.
 *
 * The library is WebAssembly of its own chunk, loaded when somebody types a password.
 */

import { ApiError } from '../api/problem';
import { normalPassword } from './passwordRules';

type Library = typeof import('@serenity-kit/opaque');

/**
 * Argon2id with 19 MiB, two passes and one lane, the least that OWASP's advice on storing passwords allows. It is part of
 * what a password is stored as: with another value here nobody could sign in any more.
 */
const STRETCHING = { 'argon2id-custom': { iterations: 2, memory: 19_456, parallelism: 1 } } as const;

/** The first message, and what to make of its answer. */
export interface OpaqueSignIn {
  readonly request: string;
  /** The last message. Throws `invalid_credentials` when the password was wrong, which shows here first. */
  finish(response: string): string;
}

export interface OpaqueRegistration {
  readonly request: string;
  /** The record that the server keeps. */
  finish(response: string): string;
}

/** Whether this browser can. Some turn WebAssembly off, as phones under lockdown do. */
export function opaquePossible(): boolean {
  return typeof WebAssembly === 'object';
}

let loading: Promise<Library> | null = null;

/** Begins to load what a password will need, so that nobody waits for it later. Failing shows when it is needed. */
export function prepareOpaque(): void {
  if (opaquePossible()) void load().catch(() => undefined);
}

export async function beginSignIn(typed: string): Promise<OpaqueSignIn> {
  const { client } = await load();
  const password = normalPassword(typed);
  const { clientLoginState, startLoginRequest } = client.startLogin({ password });
  return {
    request: startLoginRequest,
    finish: (loginResponse) => {
      const result = client.finishLogin({ clientLoginState, loginResponse, password, keyStretching: STRETCHING });
      if (result === undefined) throw new ApiError('invalid_credentials', 401, '');
      return result.finishLoginRequest;
    },
  };
}

export async function beginRegistration(typed: string): Promise<OpaqueRegistration> {
  const { client } = await load();
  const password = normalPassword(typed);
  const { clientRegistrationState, registrationRequest } = client.startRegistration({ password });
  return {
    request: registrationRequest,
    finish: (registrationResponse) =>
      client.finishRegistration({
        clientRegistrationState,
        registrationResponse,
        password,
        keyStretching: STRETCHING,
      }).registrationRecord,
  };
}

function load(): Promise<Library> {
  loading ??= loadLibrary().catch((error: unknown) => {
    // So that the next try loads it anew.
    loading = null;
    throw error;
  });
  return loading;
}

async function loadLibrary(): Promise<Library> {
  try {
    const library = await import('@serenity-kit/opaque');
    await library.ready;
    return library;
  } catch {
    throw new ApiError('offline', 0, '');
  }
}
