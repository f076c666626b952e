import { fileURLToPath } from "node:url";
import type { PgDatabase, PgQueryResultHKT } from "drizzle-orm/pg-core";

/** Drizzle over either driver. */
export type Queries = PgDatabase<PgQueryResultHKT>;

export interface Database extends AsyncDisposable {
  /** For people; never the password. */
  readonly description: string;
  /**
   * Runs queries; a failure quotes nothing of them. What must change together is one statement,
   * never a transaction: when the connection breaks in one, postgres.js 3.4 writes its rollback to a
   * socket that is gone, outside of any promise, which ends the process.
   *
   * @throws {FamiliarError} `store-unreachable` or `store-failed`
   */
  run<Result>(operation: string, query: (queries: Queries) => PromiseLike<Result>): Promise<Result>;
}

/** The same from `src/store` and from `dist/store`. */
export const MIGRATIONS_FOLDER = fileURLToPath(new URL("../../migrations", import.meta.url));
