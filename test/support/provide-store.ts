import { afterAll, beforeAll } from "vitest";
import type { Database } from "../../src/store/database.ts";
import { createStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/open-store.ts";
import { createTestDatabase } from "./database.ts";
import type { DatabaseKind, TestDatabase } from "./database.ts";

const DEADLINE_MS = 60_000;

interface Provided {
  readonly store: Store;
  /** What the store is made of. */
  readonly database: Database;
}

/** A store on an empty database, for all tests of a suite. */
export function provideStore(
  kind: DatabaseKind,
  take: (provided: Provided) => void | Promise<void>,
): void {
  let files: TestDatabase;
  let store: Store;

  beforeAll(async () => {
    files = await createTestDatabase(kind);
    const database = await files.openDatabase();
    store = createStore(database);
    await take({ store, database });
  }, DEADLINE_MS);

  afterAll(async () => {
    await store[Symbol.asyncDispose]();
    await files[Symbol.asyncDispose]();
  });
}
