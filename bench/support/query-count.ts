import type { Database } from "../../src/store/database.ts";

/** A statement, from its asking to its rows. */
export interface CountedQuery {
  /** What it is for. */
  readonly operation: string;
  /** Undefined while it runs. */
  ms: number | undefined;
}

export interface QueryCount {
  readonly database: Database;
  /** Those since the last reset, in order. */
  taken(): readonly CountedQuery[];
  reset(): void;
}

/** Each `run` of a database is one SQL statement. */
export function createQueryCount(database: Database): QueryCount {
  let counted: CountedQuery[] = [];
  return {
    database: {
      description: database.description,
      async run(operation, query) {
        const asked: CountedQuery = { operation, ms: undefined };
        counted.push(asked);
        const start = performance.now();
        try {
          return await database.run(operation, query);
        } finally {
          asked.ms = performance.now() - start;
        }
      },
      [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
    },
    taken: () => [...counted],
    reset() {
      counted = [];
    },
  };
}
