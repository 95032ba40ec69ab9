/**
 * What belongs to a film and is no media itself: its subtitles and its flying comments. The addresses are those of a
 * playable: of this server, signed, or of anybody. Nothing of the person is sent to them.
 */

import { ApiError, errorFrom } from './problem';
import type { Comment } from './types';

const WITHIN = 20_000;
const LOOK_WITHIN = 8000;
const MOST_BYTES = 16 * 1024 * 1024;
const PROBLEM = 'application/problem+json';
export const MOST_COMMENTS = 30_000;
const LONGEST_COMMENT = 200;

/** A text of at most 16 MiB. Raises `ApiError`. */
export async function fetchText(url: string): Promise<string> {
  return asked(url, WITHIN, async (response) => {
    if (!response.ok) throw await errorFrom(response);
    return bounded(response);
  });
}

/** The comments of a track, by time. What is none is left out. Raises `ApiError`. */
export async function fetchComments(url: string): Promise<readonly Comment[]> {
  return commentsIn(await fetchText(url));
}

/** How an address of media answers. */
export interface MediaAnswer {
  readonly status: number;
  /** Why this server refuses; null where it does not, and for what others say. */
  readonly refusal: ApiError | null;
}

/** Asks an address of media for one byte. Null where the browser may not know the answer, or none comes in 8 s. */
export async function answerOf(url: string): Promise<MediaAnswer | null> {
  try {
    return await asked(url, LOOK_WITHIN, answerIn, { Range: 'bytes=0-0' });
  } catch {
    return null;
  }
}

async function answerIn(response: Response): Promise<MediaAnswer> {
  const { status, ok, headers, url } = response;
  const ours = new URL(url).origin === location.origin;
  const told = !ok && ours && headers.get('Content-Type')?.startsWith(PROBLEM) === true;
  return { status, refusal: told ? await errorFrom(response) : null };
}

/** The connection is given up once `read` is done: an answer that ignores the range goes on for gigabytes. */
async function asked<T>(
  url: string,
  within: number,
  read: (response: Response) => Promise<T>,
  headers: HeadersInit = {},
): Promise<T> {
  const end = new AbortController();
  const timer = setTimeout(() => end.abort(), within);
  try {
    return await read(await fetch(url, { headers, credentials: 'omit', cache: 'no-store', signal: end.signal }));
  } catch (error) {
    throw error instanceof ApiError ? error : new ApiError('offline', 0, '');
  } finally {
    clearTimeout(timer);
    end.abort();
  }
}

async function bounded(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  let text = '';
  let size = 0;
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
    size += part.value.byteLength;
    if (size > MOST_BYTES) throw new ApiError('too_large', 0, '');
    text += decoder.decode(part.value, { stream: true });
  }
  return text + decoder.decode();
}

export function commentsIn(text: string): readonly Comment[] {
  const found = listIn(text).flatMap((value) => commentFrom(value) ?? []);
  return found.sort((a, b) => a.time - b.time).slice(0, MOST_COMMENTS);
}

function listIn(text: string): readonly unknown[] {
  try {
    const { comments } = JSON.parse(text) as { comments?: unknown };
    return Array.isArray(comments) ? comments : [];
  } catch {
    throw new ApiError('upstream_format', 0, '');
  }
}

function commentFrom(value: unknown): Comment | null {
  if (typeof value !== 'object' || value === null) return null;
  const { time, mode, color, text } = value as Partial<Record<keyof Comment, unknown>>;
  if (typeof time !== 'number' || !Number.isFinite(time) || typeof text !== 'string' || text.trim() === '') return null;
  return {
    time,
    mode: mode === 'top' || mode === 'bottom' ? mode : 'scroll',
    color: typeof color === 'number' && color >= 0 && color <= 0xffffff ? Math.trunc(color) : 0xffffff,
    text: text.replace(/\s+/g, ' ').trim().slice(0, LONGEST_COMMENT),
  };
}
