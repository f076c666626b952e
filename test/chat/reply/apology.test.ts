import { expect, it } from "vitest";
import { toApology } from "../../../src/chat/reply/apology.ts";
import { FamiliarError } from "../../../src/chat/errors.ts";
import type { ErrorCode } from "../../../src/chat/errors.ts";

const failure = (code: ErrorCode): FamiliarError =>
  new FamiliarError(code, "a secret", { cause: new Error("a secret") });

it.each([
  ["store-unreachable", "database is away"],
  ["store-failed", "database refused"],
  ["engine-failed", "model failed"],
  ["discord-failed", "Something went wrong"],
] as const)("says in a sentence what failed: %s", (code, words) => {
  expect(toApology(failure(code))).toContain(words);
});

it.each([
  failure("store-failed"),
  failure("input-invalid"),
  new Error("a secret"),
  "a secret",
  undefined,
])("tells people what to do and quotes nothing of %s", (error) => {
  const apology = toApology(error);
  expect(apology).toMatch(/^⚠ [^\n]+\.$/);
  expect(apology).not.toContain("secret");
});
