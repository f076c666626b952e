import { DiscordAPIError, HTTPError, RateLimitError, RESTJSONErrorCodes } from "discord.js";

/** What a failed request means for what is to be done next. */
type RestFailureKind =
  /** The channel, the message or the permission is not there. */
  | "gone"
  /** The thread sleeps; it takes messages once it is unarchived. */
  | "archived"
  /** Too much at once: not done, and to be done later. */
  | "limited"
  /** A timeout, a broken connection, a server's fault: it may be done or not. */
  | "unknown-outcome"
  /** Not done, and never will be in this form. */
  | "refused";

/** Safe to log: neither the request's words nor its address are in it. */
export interface RestFailure {
  readonly kind: RestFailureKind;
  readonly status: number | undefined;
  /** Discord's own code, where it gave one. */
  readonly code: number | undefined;
  /** How long to wait, where the server said so. */
  readonly retryAfterMs: number | undefined;
  /** The error's own name or system code: `ECONNREFUSED`, `AbortError`. */
  readonly reason: string;
}

/** @see https://docs.discord.com/developers/topics/opcodes-and-status-codes#json */
const KINDS_BY_CODE: ReadonlyMap<number, RestFailureKind> = new Map([
  [RESTJSONErrorCodes.UnknownChannel, "gone"],
  [RESTJSONErrorCodes.UnknownGuild, "gone"],
  [RESTJSONErrorCodes.UnknownMessage, "gone"],
  [RESTJSONErrorCodes.MissingAccess, "gone"],
  [RESTJSONErrorCodes.MissingPermissions, "gone"],
  [RESTJSONErrorCodes.ThreadLocked, "gone"],
  [RESTJSONErrorCodes.InvalidActionOnArchivedThread, "archived"],
  [RESTJSONErrorCodes.ChannelWriteRateLimit, "limited"],
  [RESTJSONErrorCodes.ActionCannotBePerformedDueToSlowmodeRateLimit, "limited"],
  [RESTJSONErrorCodes.MaximumNumberOfEditsToMessagesOlderThanOneHourReached, "limited"],
]);

export function decideRestFailure(error: unknown): RestFailure {
  const unknown = { status: undefined, code: undefined, retryAfterMs: undefined };
  const reason = reasonOf(error);
  if (error instanceof RateLimitError) {
    return { ...unknown, kind: "limited", status: 429, retryAfterMs: error.retryAfter, reason };
  }
  if (error instanceof DiscordAPIError) {
    const code = typeof error.code === "number" ? error.code : undefined;
    const kind = KINDS_BY_CODE.get(code ?? 0) ?? decideByStatus(error.status);
    return { ...unknown, kind, status: error.status, code, reason };
  }
  const status = error instanceof HTTPError ? error.status : undefined;
  return { ...unknown, kind: "unknown-outcome", status, reason };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const isSystemCode = "code" in error && typeof error.code === "string";
  return isSystemCode ? String(error.code) : error.name;
}

function decideByStatus(status: number): RestFailureKind {
  if (status === 403 || status === 404 || status === 410) return "gone";
  if (status === 429) return "limited";
  return status === 408 || status >= 500 ? "unknown-outcome" : "refused";
}
