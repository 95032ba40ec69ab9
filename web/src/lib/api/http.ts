/** Requests to the HTTP API: JSON in and out, a bearer token, problem documents as `ApiError`. */

import { ApiError, errorFrom } from './problem';

/** Who asks. */
export interface Credential {
  /** A token that is good now, or null for nobody in particular. */
  token(): Promise<string | null>;
  /** Called when the server no longer takes the token. Returns whether there is a new one. */
  renew(): Promise<boolean>;
}

export const NOBODY: Credential = {
  token: () => Promise.resolve(null),
  renew: () => Promise.resolve(false),
};

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';
export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;

const BASE = '/api/v1';
const WITHIN = 20_000;

export class Http {
  readonly #credential: Credential;

  constructor(credential: Credential) {
    this.#credential = credential;
  }

  get<T>(path: string, query: Query = {}): Promise<T> {
    return this.#request<T>('GET', path + search(query));
  }

  post<T>(path: string, body: unknown = {}): Promise<T> {
    return this.#request<T>('POST', path, body);
  }

  patch<T>(path: string, body: unknown): Promise<T> {
    return this.#request<T>('PATCH', path, body);
  }

  delete(path: string): Promise<void> {
    return this.#request<undefined>('DELETE', path);
  }

  async #request<T>(method: Method, path: string, body?: unknown): Promise<T> {
    const token = await this.#credential.token();
    const response = await send(method, path, body, token);
    if (response.status !== 401 || token === null || !(await this.#credential.renew())) return read<T>(response);
    return read<T>(await send(method, path, body, await this.#credential.token()));
  }
}

async function send(method: Method, path: string, body: unknown, token: string | null): Promise<Response> {
  const headers = new Headers({ Accept: 'application/json' });
  if (body !== undefined) headers.set('Content-Type', 'application/json');
  if (token !== null) headers.set('Authorization', `Bearer ${token}`);
  try {
    return await fetch(BASE + path, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout(WITHIN),
    });
  } catch {
    throw new ApiError('offline', 0, '');
  }
}

async function read<T>(response: Response): Promise<T> {
  if (!response.ok) throw await errorFrom(response);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

function search(query: Query): string {
  const pairs = Object.entries(query).flatMap(([key, value]) =>
    value === undefined || value === null ? [] : [[key, String(value)] as [string, string]],
  );
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`;
}
