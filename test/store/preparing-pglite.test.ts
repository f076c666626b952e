import { PGlite } from "@electric-sql/pglite";
import type { QueryOptions } from "@electric-sql/pglite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PreparingPglite } from "../../src/store/preparing-pglite.ts";

describe("a database that prepares what it is asked", () => {
  let client: PreparingPglite;
  let plain: PGlite;

  beforeAll(async () => {
    client = await PreparingPglite.open();
    plain = await PGlite.create();
  }, 60_000);

  afterAll(async () => {
    await client.close();
    await plain.close();
  });

  async function readPrepared(): Promise<readonly string[]> {
    const { rows } = await client.query<{ statement: string }>(
      "select statement from pg_prepared_statements",
    );
    return rows.map(({ statement }) => statement);
  }

  it.each<readonly [what: string, text: string, values: unknown[], options: QueryOptions]>([
    ["nothing", "select 1 where false", [], {}],
    ["numbers", "select $1::integer + 1 as more, $2::bigint as large", [41, 2n ** 60n], {}],
    ["texts", "select $1::text as text, $2::text as missing", ['it\'s \\ "ü"', null], {}],
    ["truths", "select $1::boolean as yes, not $1::boolean as no", [true], {}],
    ["moments", "select $1::timestamptz as moment", [new Date(1_000)], {}],
    ["JSON", "select $1::jsonb as json", [{ a: [1, "two", null] }], {}],
    [
      "lists",
      "select $1::integer[] as numbers, $2::text[] as texts",
      [
        [1, 2],
        ["a", "b,c"],
      ],
      {},
    ],
    ["bytes", "select $1::bytea as bytes", [Uint8Array.of(0, 1, 255)], {}],
    ["rows as lists", "select generate_series(1, $1::integer), 'x'", [3], { rowMode: "array" }],
    [
      "what the caller parses",
      "select $1::timestamptz as moment",
      ["2026-11-23T00:00:00Z"],
      { parsers: { 1184: (text) => text } },
    ],
  ])("answers as PGlite does, the first time and later: %s", async (_, text, values, options) => {
    const expected = await plain.query(text, values, options);
    for (let time = 0; time < 3; time += 1) {
      expect(await client.query(text, values, options)).toEqual(expected);
    }
  });

  it("says how many rows it changed", async () => {
    await client.exec("create table counted (number integer)");
    const text = "insert into counted select generate_series(1, $1::integer)";
    expect(await client.query(text, [3])).toMatchObject({ affectedRows: 3 });
    expect(await client.query(text, [2])).toMatchObject({ affectedRows: 2 });
  });

  it("plans a statement once", async () => {
    const text = "select $1::integer as once";
    for (let time = 0; time < 5; time += 1) await client.query(text, [time]);
    const prepared = await readPrepared();
    expect(prepared.filter((statement) => statement === text)).toEqual([text]);
  });

  it("plans a statement anew now and then, as tables grow", async () => {
    const text = "select $1::integer as again";
    for (let time = 0; time < 150; time += 1) await client.query(text, [time]);
    const { rows } = await client.query(
      `select (generic_plans + custom_plans)::integer as uses from pg_prepared_statements
        where statement = $1::text`,
      [text],
    );
    expect(rows).toEqual([{ uses: 50 }]);
  });

  it("goes on after a mistake in a text, a value or a row", async () => {
    await client.exec("create table unique_numbers (number integer primary key)");
    const insert = "insert into unique_numbers values ($1::integer)";
    await client.query(insert, [1]);
    await expect(client.query("selec 1")).rejects.toMatchObject({ code: "42601" });
    await expect(client.query(insert, ["one"])).rejects.toMatchObject({ code: "22P02" });
    await expect(client.query(insert, [1])).rejects.toMatchObject({ code: "23505" });
    await client.query(insert, [2]);
    const { rows } = await client.query("select number from unique_numbers order by number");
    expect(rows).toEqual([{ number: 1 }, { number: 2 }]);
  });

  it("fails once, and not for ever, where a table is no longer what it was", async () => {
    await client.exec("create table changing (content integer); insert into changing values (7)");
    const text = "select content from changing";
    expect((await client.query(text)).rows).toEqual([{ content: 7 }]);
    await client.exec("alter table changing alter content type text");
    await expect(client.query(text)).rejects.toMatchObject({ code: "0A000" });
    expect((await client.query(text)).rows).toEqual([{ content: "7" }]);
  });

  it("keeps those that were used last", async () => {
    const kept = "select 'kept'";
    for (let number = 0; number < 300; number += 1) {
      await client.query(`select ${number}`);
      await client.query(kept);
    }
    const prepared = await readPrepared();
    expect(prepared.length).toBeLessThanOrEqual(128);
    expect(prepared).toContain(kept);
  });

  it("keeps no statement with a long list, and answers it all the same", async () => {
    const numbers = Array.from({ length: 200 }, (_, number) => number);
    const rows = numbers.map((number) => `($${number + 1}::integer)`).join(", ");
    const text = `select sum(long.number)::integer as sum from (values ${rows}) long (number)`;
    expect((await client.query(text, numbers)).rows).toEqual([{ sum: 19_900 }]);
    expect(await readPrepared()).not.toContain(text);
  });

  it("does not take what is asked meanwhile into a transaction", async () => {
    await client.exec("create table kept_numbers (number integer)");
    const insert = "insert into kept_numbers values ($1::integer)";
    let meanwhile: Promise<unknown> = Promise.resolve();
    const undone = client.transaction(async (transaction) => {
      await transaction.query(insert, [1]);
      meanwhile = client.query(insert, [2]);
      await transaction.query("select 1");
      await transaction.rollback();
    });
    await undone;
    await meanwhile;
    const { rows } = await client.query("select number from kept_numbers");
    expect(rows).toEqual([{ number: 2 }]);
  });

  it("answers everything that is asked at once, each for itself", async () => {
    const numbers = Array.from({ length: 50 }, (_, number) => number);
    const answers = await Promise.all(
      numbers.map((number) => client.query("select $1::integer as number", [number])),
    );
    expect(answers.flatMap(({ rows }) => rows)).toEqual(numbers.map((number) => ({ number })));
  });
});
