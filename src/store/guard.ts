import { DrizzleQueryError } from "drizzle-orm";
import { FamiliarError } from "../chat/errors.ts";

/** What a database error may say about itself without quoting a row. */
const SAFE_FIELDS = ["code", "schema", "table", "column", "constraint", "routine"] as const;

/**
 * Codes of Node, of postgres.js and of PostgreSQL that mean: not now, later perhaps.
 *
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const UNREACHABLE_CODES: ReadonlySet<string> = new Set([
  "EAI_AGAIN",
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTDOWN",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "CONNECTION_ENDED",
  "CONNECT_TIMEOUT",
  "53300", // too many connections
  "57014", // statement timeout
  "57P01", // the server shuts down
  "57P02", // the server restarts after a crash
  "57P03", // the server is still starting
  "08000",
  "08001",
  "08003",
  "08004",
  "08006",
]);

/**
 * Runs one store operation. A failed query becomes a `FamiliarError` *without* drizzle's error or
 * the driver's as its cause: both quote bound parameters, which here are what people wrote.
 */
export async function guard<Result>(
  operation: string,
  query: () => PromiseLike<Result>,
): Promise<Result> {
  try {
    return await query();
  } catch (error) {
    const cause = error instanceof DrizzleQueryError ? error.cause : error;
    if (cause === error && codeOf(error) === undefined) throw error;
    throw toFamiliarError(operation, cause);
  }
}

export function isUnreachable(error: unknown): boolean {
  return UNREACHABLE_CODES.has(codeOf(error) ?? "");
}

/** Two statements waited for each other, and this one was undone. */
export function isDeadlock(error: unknown): boolean {
  return codeOf(error instanceof DrizzleQueryError ? error.cause : error) === "40P01";
}

export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || error instanceof FamiliarError || !("code" in error))
    return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

function toFamiliarError(operation: string, cause: unknown): FamiliarError {
  const facts = `${operation}: ${describe(cause)}`;
  return isUnreachable(cause)
    ? new FamiliarError("store-unreachable", `The database is away (${facts})`)
    : new FamiliarError("store-failed", `The database refused (${facts})`);
}

function describe(cause: unknown): string {
  const fields = new Map(Object.entries(cause ?? {}));
  const facts = SAFE_FIELDS.flatMap((name) => {
    const value: unknown = fields.get(name);
    return typeof value === "string" ? [`${name}=${value}`] : [];
  });
  return facts.join(" ") || "no details";
}
