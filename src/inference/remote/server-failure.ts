export interface FailureFacts {
  /** No answer or a broken one, an answer that says no, or one that makes no sense. */
  readonly kind: "connection" | "status" | "stream";
  readonly status?: number | undefined;
  /** The server's or the system's own word for it. */
  readonly code?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  /** The answer names a field that only some servers know. */
  readonly namesExtraField?: boolean;
}

const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/** A request that failed. Holds nothing of what was sent, and of the answer only its codes. */
export class ServerFailure extends Error {
  override readonly name = "ServerFailure";
  readonly kind: FailureFacts["kind"];
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly namesExtraField: boolean;

  constructor(facts: FailureFacts) {
    super(`the inference server failed: ${facts.status ?? toCode(facts.code) ?? facts.kind}`);
    this.kind = facts.kind;
    this.status = facts.status;
    this.code = toCode(facts.code);
    this.retryAfterMs = facts.retryAfterMs;
    this.namesExtraField = facts.namesExtraField ?? false;
  }

  /** The same request may succeed a moment later, or elsewhere. */
  get isPassing(): boolean {
    if (this.kind === "status") return PASSING_STATUSES.has(this.status ?? 0);
    return this.kind === "connection";
  }
}

/** Whatever fetch or the reading of a body throws. */
export function toConnectionFailure(error: unknown): ServerFailure {
  if (error instanceof ServerFailure) return error;
  return new ServerFailure({ kind: "connection", code: findCode(error) });
}

/** A server may write anything there, a person's words as well. */
function toCode(code: string | undefined): string | undefined {
  return code !== undefined && /^[\w.-]{1,64}$/.test(code) ? code : undefined;
}

function findCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && typeof error.code === "string") return error.code;
  return findCode(error.cause) ?? (error.name === "TimeoutError" ? "timeout" : undefined);
}
