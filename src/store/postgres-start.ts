import { promises as timers } from "node:timers";
import { DrizzleQueryError } from "drizzle-orm";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate } from "drizzle-orm/postgres-js/migrator";
import type postgres from "postgres";
import { FamiliarError } from "../chat/errors.ts";
import type { Log } from "../chat/ports.ts";
import { MIGRATIONS_FOLDER } from "./database.ts";
import { codeOf, isUnreachable } from "./guard.ts";
import { inTime } from "./in-time.ts";
import { addressOf, connect } from "./postgres-client.ts";
import { CASING } from "./schema.ts";

const RETRY_MS = 500;
const MIN_VERSION = 14;

/** Longest time for one attempt; longer than the driver's own limit for connecting. */
const ATTEMPT_MS = 8_000;

/** Any number that other programs on the server will not take for theirs. */
const MIGRATION_LOCK = 7_305_812_946;

export interface StartSettings {
  readonly url: string;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly waitMs: number;
}

export interface Server {
  readonly version: string;
  readonly address: string;
}

/**
 * Waits for the server and brings its tables up to date, on a connection of its own that has no
 * deadlines.
 *
 * @throws {FamiliarError} `store-unreachable` after the wait; at once `config-invalid` for a wrong
 *   address, `store-failed` for what the server refuses
 */
export async function prepareServer(settings: StartSettings): Promise<Server> {
  const { log, signal, waitMs } = settings;
  const until = performance.now() + waitMs;
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    const { address, outcome } = await attemptStart(settings, until);
    if (outcome.kind === "ready") return { address, version: outcome.version };
    signal.throwIfAborted();
    if (performance.now() + RETRY_MS >= until) throw toGivenUp(outcome.error, address);
    if (attempt === 1) {
      log.info({ code: codeOf(outcome.error) }, `Waiting for the database at ${address}…`);
    }
    await timers.setTimeout(RETRY_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

type StartOutcome =
  | { readonly kind: "ready"; readonly version: string }
  | { readonly kind: "away"; readonly error: unknown };

interface Attempt {
  readonly address: string;
  readonly outcome: StartOutcome;
}

async function attemptStart({ signal, url }: StartSettings, until: number): Promise<Attempt> {
  const client = connect(url, { max: 1 });
  const address = addressOf(client);
  const stop = () => void client.end({ timeout: 0 });
  signal.addEventListener("abort", stop, { once: true });
  try {
    const limitMs = Math.min(ATTEMPT_MS, until - performance.now());
    return { address, outcome: { kind: "ready", version: await start(client, limitMs) } };
  } catch (thrown) {
    const error = thrown instanceof DrizzleQueryError ? thrown.cause : thrown;
    if (isUnreachable(error)) return { address, outcome: { kind: "away", error } };
    throw toRefusal(error, client);
  } finally {
    signal.removeEventListener("abort", stop);
    await client.end({ timeout: 0 });
  }
}

async function start(client: postgres.Sql, limitMs: number): Promise<string> {
  const rows = await inTime(client.unsafe("show server_version"), limitMs);
  const version = requireVersion(String(rows[0]?.["server_version"]), addressOf(client));
  // Held until the connection ends, so that of several processes only one changes the tables.
  await client.unsafe(`select pg_advisory_lock(${MIGRATION_LOCK})`);
  await migrate(drizzle(client, { casing: CASING }), { migrationsFolder: MIGRATIONS_FOLDER });
  return version;
}

/** "16.4 (Debian 16.4-1)" to "16.4". */
function requireVersion(fullVersion: string, address: string): string {
  const [version = ""] = fullVersion.split(" ");
  if (Number.parseInt(version, 10) >= MIN_VERSION) return version;
  throw new FamiliarError(
    "store-failed",
    `The database at ${address} is PostgreSQL ${version}: Familiar needs ${MIN_VERSION} or newer.`,
  );
}

/** Nobody has written anything yet, so what the server says quotes nobody. */
function toRefusal(error: unknown, client: postgres.Sql): unknown {
  const code = codeOf(error);
  if (!(error instanceof Error) || code === undefined) return error;
  const refusal = describeRefusal(code, client) ?? `refuses: ${error.message} (${code}).`;
  const message = `The database at ${addressOf(client)} ${refusal}`;
  return new FamiliarError("store-failed", message, { cause: error });
}

function describeRefusal(code: string, { options }: postgres.Sql): string | undefined {
  switch (code) {
    case "28000":
    case "28P01":
      return "refuses the user or password in DATABASE_URL: correct them.";
    case "3D000":
      return `has no database named ${JSON.stringify(options.database)}: create it, or correct DATABASE_URL.`;
    case "42501":
      return `does not let the user ${JSON.stringify(options.user)} create tables: grant it CREATE on the database and its schema public.`;
    default:
      return undefined;
  }
}

function toGivenUp(error: unknown, address: string): FamiliarError {
  return new FamiliarError(
    "store-unreachable",
    `The database at ${address} cannot be reached (${codeOf(error)}): check that it is running, that DATABASE_URL is right, and that no firewall is in between.`,
    { cause: error },
  );
}
