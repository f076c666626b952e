import { inspect } from "node:util";
import { PGlite } from "@electric-sql/pglite";
import { sql } from "drizzle-orm";
import { pgTable, text } from "drizzle-orm/pg-core";
import { drizzle } from "drizzle-orm/pglite";
import { drizzle as drizzleServer } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { FamiliarError } from "../../src/chat/errors.ts";
import type { Queries } from "../../src/store/database.ts";
import { guard, isUnreachable } from "../../src/store/guard.ts";
import { createServerDatabase, DATABASE_KINDS } from "../support/database.ts";

const notes = pgTable("notes", { channel: text().notNull(), words: text().notNull() });

interface Connection extends AsyncDisposable {
  readonly queries: Queries;
}

async function connect(kind: (typeof DATABASE_KINDS)[number]): Promise<Connection> {
  if (kind === "PGlite") {
    const client = await PGlite.create();
    return { queries: drizzle(client), [Symbol.asyncDispose]: () => client.close() };
  }
  const database = await createServerDatabase();
  const client = postgres(database.url, { max: 1 });
  return {
    queries: drizzleServer(client),
    async [Symbol.asyncDispose]() {
      await client.end();
      await database[Symbol.asyncDispose]();
    },
  };
}

describe.each(DATABASE_KINDS)("on %s", (kind) => {
  let connection: Connection;

  beforeAll(async () => {
    connection = await connect(kind);
    await connection.queries.execute(
      sql`create table notes (channel text not null, words text not null check (words <> 'secret'))`,
    );
  });
  afterAll(() => connection[Symbol.asyncDispose]());

  async function failureOf(query: (queries: Queries) => PromiseLike<unknown>): Promise<unknown> {
    return await guard("write a note", () => query(connection.queries)).catch(
      (error: unknown) => error,
    );
  }

  it.each<[string, (queries: Queries) => PromiseLike<unknown>]>([
    [
      "a null",
      (queries) => queries.insert(notes).values({ channel: null as never, words: "secret" }),
    ],
    ["a check", (queries) => queries.insert(notes).values({ channel: "1", words: "secret" })],
    ["bad syntax", (queries) => queries.execute(sql`select ${"secret"} from from`)],
    ["a bad value", (queries) => queries.execute(sql`select ${"secret"}::integer`)],
  ])("says what failed and quotes nobody: %s", async (_name, query) => {
    const failure = await failureOf(query);
    expect(failure).toBeInstanceOf(FamiliarError);
    expect(failure).toMatchObject({ code: "store-failed" });
    expect(String(failure)).toMatch(/write a note: code=\w{5}/);
    expect(inspect(failure, { depth: 9, showHidden: true })).not.toContain("secret");
  });
});

it("calls a server that cannot be reached unreachable", async () => {
  const url = new URL(inject("databaseServer"));
  url.port = "1";
  const queries = drizzleServer(postgres(url.href, { max: 1 }));
  const failure = guard("ask", () => queries.execute(sql`select ${"secret"}`));
  const error: unknown = await failure.catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "store-unreachable" });
  expect(String(error)).toMatch(/The database is away \(ask: code=\w+\)/);
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("secret");
});

it.each([
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "CONNECT_TIMEOUT",
  "57P01",
  "57P03",
  "57014",
])("takes %s for a database that is away", (code) => {
  expect(isUnreachable(Object.assign(new Error("private words"), { code }))).toBe(true);
});

it("lets bugs and its own errors through as they are", async () => {
  for (const error of [new TypeError("a bug"), new FamiliarError("store-failed", "as it is")]) {
    await expect(guard("ask", () => Promise.reject(error))).rejects.toBe(error);
  }
});
