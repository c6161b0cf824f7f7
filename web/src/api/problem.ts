import * as z from 'zod/mini';
import { zProblem } from './gen/zod.gen';

/** A field at fault, as the server names it. */
export type FieldError = { field: string; message: string };

/** What can go wrong with a question, in one shape for all pages. */
export class ApiError extends Error {
  /** The server's stable word, or `offline`, `unreadable_answer`, `aborted`. */
  readonly code: string;
  /** The HTTP status; 0 when there was no answer. */
  readonly status: number;
  readonly fields: readonly FieldError[];
  /** When the same question may be answered, in Unix milliseconds. */
  readonly retryAt: number | undefined;
  /** Whether a question failed, which its page shows in place, or a change. */
  source: 'question' | 'change' = 'question';

  constructor(
    code: string,
    status: number,
    detail: string,
    fields: readonly FieldError[] = [],
    wait?: number | null,
  ) {
    super(detail);
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
    this.fields = fields;
    this.retryAt = wait == null ? undefined : Date.now() + wait * 1000;
  }

  /** Whether asking again by itself is harmless and may help. */
  get isPassing(): boolean {
    return this.status === 0 ? this.code === 'offline' : [502, 503, 504].includes(this.status);
  }

  get isTokenShortage(): boolean {
    return this.code === 'keepa_no_tokens' || this.code === 'tokens_short';
  }
}

/** Reads whatever was thrown or answered. */
export function toApiError(thrown: unknown, status = 0): ApiError {
  if (thrown instanceof ApiError) return thrown;
  const problem = z.safeParse(zProblem, thrown);
  if (problem.success) {
    const { code, detail, errors, retry_after_seconds, status } = problem.data;
    return new ApiError(code, status, detail, errors ?? [], retry_after_seconds);
  }
  if (thrown instanceof z.core.$ZodError) {
    const where = thrown.issues[0]?.path.join('.') ?? '';
    return new ApiError('unreadable_answer', 0, where);
  }
  if (thrown instanceof DOMException && thrown.name === 'AbortError') return new ApiError('aborted', 0, '');
  if (thrown instanceof TypeError && status === 0) return new ApiError('offline', 0, thrown.message);
  return new ApiError('unexpected', status, typeof thrown === 'string' ? thrown.slice(0, 200) : '');
}
