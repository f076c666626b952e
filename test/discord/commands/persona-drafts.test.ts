import { expect, it } from "vitest";
import { PersonaDrafts } from "../../../src/discord/commands/persona-drafts.ts";
import type { PersonaDraft } from "../../../src/discord/commands/persona-drafts.ts";
import { HandClock } from "../../support/hand-clock.ts";

const MINUTE_MS = 60_000;

function draftOf(userId: string): PersonaDraft {
  const typed = new Map([["name", "Rosie"]]);
  return { userId, formId: "persona:create", typed, tooLong: new Set() };
}

it("keeps a draft for fifteen minutes, for who typed it", () => {
  const clock = new HandClock();
  const drafts = new PersonaDrafts(clock);
  const draft = draftOf("ada");
  drafts.keep("1", draft);
  clock.advance(15 * MINUTE_MS - 1);
  expect([drafts.find("1", "ada"), drafts.find("1", "ben")]).toEqual([draft, undefined]);
  clock.advance(1);
  expect(drafts.find("1", "ada")).toBeUndefined();
});

it("keeps the newest hundred", () => {
  const drafts = new PersonaDrafts(new HandClock());
  for (let key = 1; key <= 101; key += 1) drafts.keep(String(key), draftOf("ada"));
  const found = ["1", "2", "101"].map((key) => drafts.find(key, "ada") !== undefined);
  expect(found).toEqual([false, true, true]);
});
