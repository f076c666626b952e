import { FamiliarError } from "../chat/errors.ts";
import { ReplyStopped } from "../chat/reply/reply-queue.ts";

interface ApiErrorFacts {
  readonly status: number;
  readonly type: string;
  readonly code?: string;
  /** The field of the request that is wrong. */
  readonly param?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * A refusal in the shape that OpenAI's clients read.
 *
 * @see https://platform.openai.com/docs/guides/error-codes/api-errors
 */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly #facts: ApiErrorFacts;

  constructor(message: string, facts: ApiErrorFacts, options?: ErrorOptions) {
    super(message, options);
    this.status = facts.status;
    this.headers = facts.headers ?? {};
    this.#facts = facts;
  }

  toBody() {
    const { code, param, type } = this.#facts;
    return { error: { message: this.message, type, param: param ?? null, code: code ?? null } };
  }

  toResponse(): Response {
    return Response.json(this.toBody(), { status: this.status, headers: this.headers });
  }
}

export function invalidRequest(message: string, facts: Partial<ApiErrorFacts> = {}): ApiError {
  return new ApiError(message, { status: 400, type: "invalid_request_error", ...facts });
}

export function notFound(message: string, code?: string): ApiError {
  return invalidRequest(message, { status: 404, ...(code === undefined ? {} : { code }) });
}

/** A reply of common length later. */
const RETRY_AFTER_SECONDS = 10;

/** What a client may know of a failure: our own sentences, of anything else nothing. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const cause = { cause: error };
  const code = error instanceof FamiliarError ? error.code : undefined;
  if (code === "queue-full") {
    const message = "Too many requests are waiting already: try again later.";
    const headers = { "Retry-After": String(RETRY_AFTER_SECONDS) };
    const facts = { status: 429, type: "rate_limit_error", code: "rate_limit_exceeded", headers };
    return new ApiError(message, facts, cause);
  }
  const type = "server_error";
  if (error instanceof ReplyStopped && error.reason === "timeout") {
    const message = "The model gave no sign of life for too long.";
    return new ApiError(message, { status: 504, type, code: "timeout" }, cause);
  }
  if (!(error instanceof FamiliarError))
    return new ApiError("The server failed.", { status: 500, type }, cause);
  if (code === "input-invalid") return invalidRequest(error.message);
  return new ApiError(error.message, { status: 500, type, code: "engine_failed" }, cause);
}
