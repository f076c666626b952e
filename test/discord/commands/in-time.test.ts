import { expect, it } from "vitest";
import { inTime } from "../../../src/discord/commands/in-time.ts";
import { failureTexts } from "../../../src/discord/texts/failures.ts";

it("passes on what comes in time, be it a value or a refusal", async () => {
  await expect(inTime(Promise.resolve("here"), 60_000)).resolves.toBe("here");
  await expect(inTime(Promise.reject(new Error("no")), 60_000)).rejects.toThrow("no");
});

it("tells the person where it takes too long", async () => {
  await expect(inTime(new Promise(() => {}), 1)).rejects.toMatchObject({
    text: failureTexts.tooSlow,
  });
});
