import { expect, it } from "vitest";
import { toApology } from "../../../src/chat/reply/apology.ts";
import { FamiliarError } from "../../../src/chat/errors.ts";

it.each(["store-unreachable", "store-failed", "engine-failed"] as const)(
  "says what failed: %s",
  (code) => expect(toApology(new FamiliarError(code, "a secret"))).toBe(code),
);

it.each([
  new FamiliarError("input-invalid", "a secret"),
  new FamiliarError("discord-failed", "a secret"),
  new Error("a secret"),
  "a secret",
  undefined,
])("says of anything else only that it was unexpected: %s", (error) => {
  expect(toApology(error)).toBe("unexpected");
});
