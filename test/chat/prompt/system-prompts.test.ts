import { expect, it } from "vitest";
import { FamiliarError } from "../../../src/chat/errors.ts";
import type { ChannelId } from "../../../src/chat/ids.ts";
import type { Speaker } from "../../../src/chat/place.ts";
import type { SystemPromptStore } from "../../../src/chat/ports.ts";
import {
  MAX_SYSTEM_PROMPT_LENGTH,
  SystemPrompts,
} from "../../../src/chat/prompt/system-prompts.ts";
import { CountingEngine, FRAME_TOKENS } from "../../support/counting-engine.ts";
import { ada, thread } from "../../support/turns.ts";

class RecordingSystemPrompts implements SystemPromptStore {
  readonly changes: (readonly [ChannelId, string | undefined, Speaker])[] = [];

  effective(): never {
    throw new Error("Nobody should ask which prompt holds");
  }

  async change(placeId: ChannelId, prompt: string | undefined, by: Speaker): Promise<void> {
    this.changes.push([placeId, prompt, by]);
  }
}

const engine = new CountingEngine({ contextTokens: 200 });
const longest = "x".repeat(100 - FRAME_TOKENS);

async function change(prompt: string | undefined): Promise<RecordingSystemPrompts> {
  const systemPrompts = new RecordingSystemPrompts();
  await new SystemPrompts({ engine, systemPrompts }, "").change(thread.id, prompt, ada);
  return systemPrompts;
}

it("keeps a prompt with its place and who set it", async () => {
  const { changes } = await change("  Speak like a pirate.\n");
  expect(changes).toEqual([[thread.id, "Speak like a pirate.", ada]]);
});

it("goes back to the default when there is no prompt", async () => {
  const { changes } = await change(undefined);
  expect(changes).toEqual([[thread.id, undefined, ada]]);
});

it.each(["", " \n\t"])("refuses the empty prompt %j, naming the way back", async (prompt) => {
  const refused = change(prompt);
  await expect(refused).rejects.toThrow(FamiliarError);
  await expect(refused).rejects.toThrow("system-prompt-empty");
});

it("takes a prompt of half the context and refuses one token more", async () => {
  await change(longest);
  const refused = change(`${longest}x`);
  await expect(refused).rejects.toMatchObject({ code: "input-invalid" });
  await expect(refused).rejects.toMatchObject({
    problem: { kind: "system-prompt-too-long", tokens: 101, most: 100 },
  });
});

it("stores nothing that it refuses", async () => {
  const systemPrompts = new RecordingSystemPrompts();
  const refused = new SystemPrompts({ engine, systemPrompts }, "").change(thread.id, "", ada);
  await expect(refused).rejects.toThrow(FamiliarError);
  expect(systemPrompts.changes).toEqual([]);
});

it("allows as many characters as a field of Discord's forms", () => {
  expect(MAX_SYSTEM_PROMPT_LENGTH).toBe(4_000);
});
