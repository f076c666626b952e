import { drizzle } from "drizzle-orm/postgres-js";
import type postgres from "postgres";
import { FamiliarError } from "../chat/errors.ts";
import type { Log } from "../chat/ports.ts";
import type { Database, Queries } from "./database.ts";
import { guard, isDeadlock } from "./guard.ts";
import { inTime } from "./in-time.ts";
import { connect } from "./postgres-client.ts";
import { prepareServer } from "./postgres-start.ts";
import { CASING } from "./schema.ts";

export interface PostgresSettings {
  readonly url: string;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** How long a server that is away at start is waited for. */
  readonly waitMs: number;
  /** Longest time that one query may take before it counts as lost. */
  readonly deadlineMs: number;
}

/** Of a statement that is undone by a deadlock. */
const ATTEMPTS = 3;

/** How long queries under way may go on after their connection has been given up. */
const FAREWELL_SECONDS = 5;

/**
 * Waits for the server, brings its tables up to date and opens a pool of connections.
 *
 * @throws {FamiliarError} `store-unreachable` after the wait, else as `prepareServer`
 */
export async function openPostgresDatabase(settings: PostgresSettings): Promise<Database> {
  const { address, version } = await prepareServer(settings);
  return new PostgresDatabase(settings, `PostgreSQL ${version} at ${address}`);
}

class PostgresDatabase implements Database {
  readonly description: string;
  readonly #settings: PostgresSettings;
  #client: postgres.Sql;
  #queries: Queries;

  constructor(settings: PostgresSettings, description: string) {
    this.description = description;
    this.#settings = settings;
    this.#client = this.#connect();
    this.#queries = drizzle(this.#client, { casing: CASING });
  }

  async run<Result>(
    operation: string,
    query: (queries: Queries) => PromiseLike<Result>,
  ): Promise<Result> {
    const client = this.#client;
    try {
      return await guard(operation, () => this.#untilNoDeadlock(query));
    } catch (error) {
      if (error instanceof FamiliarError && error.code === "store-unreachable") {
        this.#replace(client);
      }
      throw error;
    }
  }

  /** Whoever was undone may try again: the others are done by then. */
  async #untilNoDeadlock<Result>(
    query: (queries: Queries) => PromiseLike<Result>,
  ): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await inTime(query(this.#queries), this.#settings.deadlineMs);
      } catch (error) {
        if (attempt === ATTEMPTS || !isDeadlock(error)) throw error;
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.end({ timeout: FAREWELL_SECONDS });
  }

  #connect(): postgres.Sql {
    const { deadlineMs, url } = this.#settings;
    // The server gives up a little earlier than this side, so that nothing goes on unseen.
    // Compiling a query takes longer than any of ours does.
    return connect(url, {
      connection: { statement_timeout: Math.ceil(deadlineMs * 0.8), jit: "off" },
    });
  }

  /**
   * A connection that broke while postgres.js was about to write on it never writes again, yet
   * stays in the pool: so after a failure the whole pool is new. What else is under way on the old
   * one may finish.
   */
  #replace(client: postgres.Sql): void {
    if (client !== this.#client) return;
    this.#client = this.#connect();
    this.#queries = drizzle(this.#client, { casing: CASING });
    void client.end({ timeout: FAREWELL_SECONDS });
  }
}
