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

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;

interface Sent {
  readonly method: Method;
  readonly path: string;
  readonly body?: unknown;
  /** A single-use permission for something sensitive. */
  readonly grant?: string | undefined;
  readonly patience?: Patience | undefined;
  /** The answer is a file, whatever is in it. */
  readonly file?: boolean;
}

/** How long to wait for an answer, in milliseconds, and what takes the question back: it then rejects as if offline. */
export interface Patience {
  readonly within: number;
  readonly signal?: AbortSignal;
}

const BASE = '/api/v1';
const WITHIN = 20_000;

export class Http {
  readonly #credential: Credential;

  constructor(credential: Credential) {
    this.#credential = credential;
  }

  get<T>(path: string, query: Query = {}, within?: number): Promise<T> {
    const patience = within === undefined ? undefined : { within };
    return this.#request<T>({ method: 'GET', path: path + search(query), patience });
  }

  post<T>(path: string, body: unknown = {}, grant?: string): Promise<T> {
    return this.#request<T>({ method: 'POST', path, body, grant });
  }

  /** A post whose answer takes longer than others. */
  ask<T>(path: string, body: unknown, patience: Patience): Promise<T> {
    return this.#request<T>({ method: 'POST', path, body, patience });
  }

  put<T>(path: string, body: unknown, grant?: string): Promise<T> {
    return this.#request<T>({ method: 'PUT', path, body, grant });
  }

  patch<T>(path: string, body: unknown): Promise<T> {
    return this.#request<T>({ method: 'PATCH', path, body });
  }

  delete<T = void>(path: string, grant?: string): Promise<T> {
    return this.#request<T>({ method: 'DELETE', path, grant });
  }

  /** A file that may take the server a while, and the network longer. */
  download(path: string, grant: string, within: number): Promise<Blob> {
    return this.#request<Blob>({ method: 'GET', path, grant, patience: { within }, file: true });
  }

  async #request<T>(sent: Sent): Promise<T> {
    const token = await this.#credential.token();
    try {
      return await send<T>(sent, token);
    } catch (error) {
      if (token === null || !refusesToken(error) || !(await this.#credential.renew())) throw error;
      return send<T>(sent, await this.#credential.token());
    }
  }
}

/** A wrong password or code is answered 401 too, and must not be sent a second time: it would count twice. */
function refusesToken(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401 && error.code !== 'invalid_credentials';
}

async function send<T>({ method, path, body, grant, patience, file }: Sent, token: string | null): Promise<T> {
  const headers = new Headers({ Accept: 'application/json' });
  if (body !== undefined) headers.set('Content-Type', 'application/json');
  if (token !== null) headers.set('Authorization', `Bearer ${token}`);
  if (grant !== undefined) headers.set('X-Grant', grant);
  try {
    const response = await fetch(BASE + path, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      credentials: 'same-origin',
      cache: 'no-store',
      signal: giveUp(patience),
    });
    return await read<T>(response, file ?? false);
  } catch (error) {
    throw error instanceof ApiError ? error : new ApiError('offline', 0, '');
  }
}

function giveUp(patience: Patience = { within: WITHIN }): AbortSignal {
  const timeout = AbortSignal.timeout(patience.within);
  return patience.signal === undefined ? timeout : AbortSignal.any([timeout, patience.signal]);
}

async function read<T>(response: Response, file: boolean): Promise<T> {
  if (!response.ok) throw await errorFrom(response);
  if (response.status === 204) return undefined as T;
  return (file ? await response.blob() : await response.json()) as T;
}

function search(query: Query): string {
  const pairs = Object.entries(query).flatMap(([key, value]) =>
    value === undefined || value === null ? [] : [[key, String(value)] as [string, string]],
  );
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`;
}
