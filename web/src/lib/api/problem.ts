/** The errors of the HTTP API (RFC 9457 problem documents) and those of the way there. */

export interface FieldProblem {
  readonly path: string;
  readonly message: string;
}

/** Where to sign in; each part as far as it is known. */
export interface UpstreamPlace {
  readonly provider: string | null;
  readonly server: string | null;
}

/** `code` is one of the stable codes of the API, or `offline` when no answer came. */
export class ApiError extends Error {
  readonly code: string;
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  readonly fields: readonly FieldProblem[];
  /** Seconds. */
  readonly retryAfter: number | null;
  readonly requestId: string | null;
  /** With `upstream_credential`. */
  readonly upstream: UpstreamPlace | null;

  constructor(code: string, status: number, message: string, problem: Partial<Problem> = {}) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
    this.fields = problem.errors ?? [];
    this.retryAfter = problem.retryAfter ?? null;
    this.requestId = problem.requestId ?? null;
    this.upstream = problem.upstream ?? null;
  }
}

/** Whether it is the error of the API with this code. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof ApiError && error.code === code;
}

interface Problem {
  readonly title: string;
  readonly detail: string;
  readonly code: string;
  readonly requestId: string;
  readonly errors: FieldProblem[];
  readonly retryAfter: number;
  readonly upstream: UpstreamPlace;
}

/** The error in an answer whose status says that it is one. An answer that is no problem document keeps its status. */
export async function errorFrom(response: Response): Promise<ApiError> {
  const problem = await problemIn(response);
  const code = problem.code ?? (response.status >= 500 ? 'unavailable' : 'internal');
  return new ApiError(code, response.status, problem.detail ?? problem.title ?? '', problem);
}

async function problemIn(response: Response): Promise<Partial<Problem>> {
  try {
    const value: unknown = await response.json();
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
