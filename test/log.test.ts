import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { inspect, promisify } from "node:util";
import { DiscordAPIError } from "discord.js";
import { DrizzleQueryError } from "drizzle-orm";
import { assert, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { FamiliarError } from "../src/chat/errors.ts";
import { toSafeError } from "../src/log.ts";

const CHILD = fileURLToPath(new URL("support/log-child.ts", import.meta.url));

const said = (error: unknown): string => inspect(toSafeError(error), { depth: 20 });

/** As the drivers of both databases throw it. */
function databaseError(words: string): Error {
  const facts = { code: "23514", detail: `Failing row: (${words})`, parameters: [words] };
  const driver = Object.assign(new Error(`new row violates a check: ${words}`), facts);
  return new DrizzleQueryError(`insert into turns values ('${words}', $1)`, [words], driver);
}

function discordError(words: string): DiscordAPIError {
  const raw = { code: 50_035, message: "Invalid Form Body", errors: { content: { words } } };
  const body = { body: { content: words, headers: { authorization: `Bot ${words}` } } };
  const url = `https://discord.com/api/v10/webhooks/1/${words}`;
  return new DiscordAPIError(raw, 50_035, 400, "POST", url, body);
}

const secrets: readonly [string, (words: string) => Error][] = [
  ["a query's parameters", databaseError],
  ["a request to Discord", discordError],
  ["an error's message", (words) => new Error(words)],
  [
    "a message whose lines look like frames",
    (words) => new Error(`No\n    at ${words} (a.ts:1:1)`),
  ],
  ["a cause", (words) => new FamiliarError("store-failed", "No.", { cause: databaseError(words) })],
  ["an error in an error's field", (words) => Object.assign(new Error("No"), { reason: words })],
  ["several errors at once", (words) => new AggregateError([new Error(words)], words)],
];

describe("what the log keeps of an error", () => {
  it.each(secrets)("is nothing of %s", (_what, failWith) => {
    assert(
      property(string({ unit: "grapheme", minLength: 8, maxLength: 40 }), (noise) => {
        const words = `SECRET${noise}SECRET`;
        expect(said(failWith(words))).not.toContain("SECRET");
        expect(said(failWith(`\n${words}\n    at ${words}\n`))).not.toContain("SECRET");
      }),
      { numRuns: 30 },
    );
  });

  it("is the kind of one of Discord's", () => {
    expect(toSafeError(discordError("secret"))).toMatchObject({
      name: "DiscordAPIError[50035]",
      code: 50_035,
      status: 400,
      method: "POST",
    });
  });

  it("is the kind of a database's and of what caused it", () => {
    expect(toSafeError(databaseError("secret"))).toMatchObject({ cause: { code: "23514" } });
  });

  it("is the sentence of one of Familiar's own", () => {
    const error = new FamiliarError("store-failed", "The database refused that.");
    expect(toSafeError(error)).toMatchObject({
      name: "FamiliarError",
      code: "store-failed",
      message: "The database refused that.",
    });
  });

  it("is where it was thrown", () => {
    const { stack } = toSafeError(new Error("A sentence\nof two lines")) as { stack: string[] };
    expect(stack[0]).toMatch(/^at .*log\.test\.ts:\d+:\d+/);
    expect(stack.length).toBeLessThanOrEqual(5);
  });

  it("is no more than the type of what is no error", () => {
    expect(toSafeError("secret")).toEqual({ type: "string" });
    expect(toSafeError(undefined)).toEqual({ type: "undefined" });
    expect(toSafeError({ content: "secret" })).toEqual({ type: "object" });
  });
});

/** Everything that a process of its own has on its standard output when it ends. */
async function readLog(level: string, format: "json" | "text"): Promise<string[]> {
  const command = ["--import", "tsx", CHILD, level, format];
  const { stdout } = await promisify(execFile)(process.execPath, command);
  expect(stdout).not.toContain("secret");
  return stdout.trim().split("\n");
}

it("writes JSON lines for a collector, nothing lost at the end", async () => {
  const lines = (await readLog("info", "json")).map((line): unknown => JSON.parse(line));
  expect(lines).toMatchObject([
    { level: 30, msg: "Replied", reason: "stop", replyTokens: 4 },
    { level: 40, msg: "A draft could not be stored", error: { name: "Error" } },
    { level: 50, msg: "A turn failed", error: { code: "store-failed", message: "It said no." } },
  ]);
});

it("writes lines for people, from the level on that they ask for", async () => {
  const text = (await readLog("warn", "text")).join("\n");
  expect(text).toMatch(/^\[\d\d:\d\d:\d\d\] WARN: A draft could not be stored/);
  expect(text).toMatch(/\n\[\d\d:\d\d:\d\d\] ERROR: A turn failed/);
  expect(text).toContain("It said no.");
  expect(text).not.toContain("Replied");
});
