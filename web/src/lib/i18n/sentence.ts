/** Errors as a sentence for the person. */

import { ApiError } from '../api/problem';
import { hasText, locale, t, translated, type AnyKey } from './locale.svelte';

interface Coded {
  readonly code: string;
  readonly message: string;
  /** Seconds. */
  readonly retryAfter: number | null;
}

/** More than this is no matter of haste: somebody who was removed from a room waits out a cooldown. */
const LONG_SECONDS = 90;

/** The field's own message when a field is at fault, then our sentence for the code, then the server's. */
export function sentence(error: unknown): string {
  if (!isCoded(error)) return t('error.unknown');
  const fields = 'fields' in error ? (error.fields as readonly { message: string }[]) : [];
  const field = fields.map(({ message }) => message).find((message) => message !== '');
  if (field !== undefined) return translated(field);
  if (prefersServer(error)) return translated(error.message);
  const seconds = error.retryAfter ?? 1;
  const key = `error.${error.code}`;
  const long = `${key}_long`;
  if (seconds > LONG_SECONDS && hasText(long)) return t(long, { n: Math.ceil(seconds / 60) });
  if (!hasText(key)) return error.message || t('error.unknown');
  const id = error instanceof ApiError ? (error.requestId ?? '–') : '–';
  return t(key, { n: Math.ceil(seconds), id });
}

/** The sentence for an error with other words for some codes, where the place says more than the code does. */
export function sentenceHere(error: unknown, words: Readonly<Record<string, AnyKey>>): string {
  const key = error instanceof Error && 'code' in error ? words[String(error.code)] : undefined;
  return key === undefined ? sentence(error) : t(key);
}

/** Words for people who can't read what the server says, which tells more: it speaks English. */
export function wordsAbroad(words: Readonly<Record<string, AnyKey>>): Readonly<Record<string, AnyKey>> {
  return locale() === 'en' ? {} : words;
}

/** Why somebody is signed out: what the server said where it was about the account, else that it happened. */
export function endedText(refusal: ApiError | null): string {
  const telling = refusal !== null && (refusal.code === 'banned' || refusal.code === 'mfa_required');
  return telling ? sentence(refusal) : t('signedOut.text');
}

const SERVER_KNOWS_BETTER: ReadonlySet<string> = new Set([
  'permission_denied',
  'not_found',
  'banned',
  'already_exists',
  'precondition_failed',
]);

/** For these the server knows better what is wrong than a general sentence does. */
function prefersServer({ code, message }: Coded): boolean {
  if (message === '') return false;
  // It names the other server and what to do there, in English.
  if (code.startsWith('upstream_')) return locale() === 'en';
  return SERVER_KNOWS_BETTER.has(code);
}

/** The message for one field of a form, if the server named it. */
export function fieldSentence(error: unknown, path: string): string | null {
  if (!(error instanceof ApiError)) return null;
  const field = error.fields.find((one) => one.path === path);
  return field === undefined ? null : translated(field.message);
}

function isCoded(error: unknown): error is Coded {
  return error instanceof Error && 'code' in error && 'retryAfter' in error;
}
