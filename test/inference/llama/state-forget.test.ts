import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PromptMessage } from "../../../src/chat/ports.ts";
import { GREEDY, openDemoEngine } from "../../support/model.ts";
import { ask, user } from "./ask.ts";

const NAMING: PromptMessage = {
  role: "system",
  text: `You talk to Wilhelmina. ${"You answer her in short and friendly sentences. ".repeat(16)}`,
};

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "states-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const openWith = (parallelConversations: number) =>
  openDemoEngine({
    parallelConversations,
    states: { directory, maxBytes: 2 ** 30, memoryBytes: 0 },
  });

/** Whose states there are on the disk; undefined: for all. */
async function ownersOnDisk(): Promise<(number | undefined)[]> {
  const names = await readdir(directory);
  const records = names.filter((name) => name.endsWith(".json"));
  const owners = await Promise.all(
    records.map(async (name) => {
      const record = JSON.parse(await readFile(join(directory, name), "utf8")) as object;
      return "conversationId" in record ? Number(record.conversationId) : undefined;
    }),
  );
  expect(names.filter((name) => name.endsWith(".state"))).toHaveLength(owners.length);
  return owners;
}

const talk = (text: string): readonly PromptMessage[] => [NAMING, user(text)];

/** Starts in slots of their own; the second one may begin with a copy of the first one's. */
async function talkTwice(engine: Parameters<typeof ask>[0]): Promise<void> {
  await ask(engine, 1, talk("Hello"));
  const { usage } = await ask(engine, 2, talk("Who are you?"));
  expect(usage.reusedTokens).toBeGreaterThan(100);
}

describe("a system prompt that was kept for all", () => {
  it("is forgotten with the conversation that it came from", async () => {
    await using engine = await openWith(2);
    await ask(engine, 1, talk("Hello"));
    await engine.forget(1);
    expect(await ownersOnDisk()).toEqual([]);
    expect((await ask(engine, 2, talk("Hello"))).usage.reusedTokens).toBe(0);
  });

  it("is forgotten with the last conversation that has it, and leaves nothing anywhere", async () => {
    await using engine = await openWith(3);
    await talkTwice(engine);
    await engine.forget(1);
    expect(await ownersOnDisk()).not.toContain(undefined);
    expect(await ownersOnDisk()).not.toContain(1);
    await engine.forget(2);
    expect(await ownersOnDisk()).toEqual([]);
    expect((await ask(engine, 3, talk("Hello"))).usage.reusedTokens).toBe(0);
  });

  it("is forgotten with a conversation that only began with it", async () => {
    {
      await using engine = await openWith(1);
      await ask(engine, 1, talk("Hello"));
      await ask(engine, 7, [user("An entirely different matter")]);
      const { usage } = await ask(engine, 2, talk("Who are you?"));
      expect(usage.reusedTokens).toBeGreaterThan(100);
    }
    await using engine = await openWith(1);
    await engine.forget(2);
    expect(await ownersOnDisk()).not.toContain(undefined);
  });

  it("stays where it is still what the conversation begins with", async () => {
    await using engine = await openWith(1);
    await ask(engine, 1, talk("Hello"));
    await engine.forget(1, [NAMING]);
    expect(await ownersOnDisk()).toEqual([undefined]);
    await engine.forget(1, [user("Nobody in particular")]);
    expect(await ownersOnDisk()).toEqual([]);
  });

  it("stays for others when somebody forgets who never used it", async () => {
    await using engine = await openWith(2);
    await ask(engine, 1, talk("Hello"));
    await engine.forget(2);
    expect(await ownersOnDisk()).toEqual([undefined]);
  });

  it("is forgotten in a slot that nobody owns", async () => {
    await using engine = await openWith(2);
    await ask(engine, 1, talk("Hello"));
    await ask(engine, undefined, talk("What is asked once"), { keepsNothing: true });
    await engine.forget(1);
    expect((await ask(engine, 2, talk("Hello"))).usage.reusedTokens).toBe(0);
    expect(await ownersOnDisk()).toEqual([undefined]);
  });

  it("is not kept by a reply that is forgotten while it reads its prompt", async () => {
    await using engine = await openWith(2);
    const { signal } = new AbortController();
    const request = { conversationId: 1, messages: talk("Hello"), isTrimmed: false, signal };
    let isForgotten: Promise<void> | undefined;
    for await (const event of engine.generate({ ...request, sampling: GREEDY, maxTokens: 4 }))
      if (event.type === "progress") isForgotten ??= engine.forget(1);
    await isForgotten;
    expect(await ownersOnDisk()).toEqual([]);
    expect((await ask(engine, 2, talk("Hello"))).usage.reusedTokens).toBe(0);
  });
});
