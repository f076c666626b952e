import type { Database } from "../../src/store/database.ts";

export interface QueryCount {
  readonly database: Database;
  /** What the statements since the last reset were for, in order. */
  taken(): readonly string[];
  reset(): void;
}

/** Each `run` of a database is one SQL statement. */
export function createQueryCount(database: Database): QueryCount {
  let operations: string[] = [];
  return {
    database: {
      description: database.description,
      run(operation, query) {
        operations.push(operation);
        return database.run(operation, query);
      },
      [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
    },
    taken: () => [...operations],
    reset() {
      operations = [];
    },
  };
}
