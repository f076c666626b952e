import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StateStoreOptions } from "../../../src/inference/llama/state-store.ts";
import { GREEDY, openDemoEngine } from "../../support/model.ts";
import { ask, assistant, PERSONA, story, user } from "./ask.ts";
import type { Reply } from "./ask.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "states-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const openWith = (states: Partial<StateStoreOptions> = {}, parallelConversations = 1) =>
  openDemoEngine({
    parallelConversations,
    states: { directory, maxBytes: 2 ** 30, ...states },
  });

const stateFiles = async (): Promise<string[]> =>
  (await readdir(directory)).filter((name) => name.endsWith(".state"));

describe.each([
  ["memory", {}],
  ["a disk", { memoryBytes: 0 }],
])("a conversation that had to give way, kept in %s", (_place, states) => {
  it("goes on where it was, and says what it would have said", async () => {
    await using plain = await openDemoEngine({ parallelConversations: 1 });
    await using engine = await openWith(states);
    const first = await ask(engine, 1, story("cats"));
    await ask(engine, 2, story("dogs"));
    const messages = [...story("cats"), assistant(first.text), user("And now?")];
    const returned = await ask(engine, 1, messages);
    expect(returned.usage.reusedTokens).toBeGreaterThanOrEqual(first.usage.promptTokens - 1);
    expect(returned.text).toBe((await ask(plain, 1, messages)).text);
  });

  it("leaves nothing behind of what was taken back", async () => {
    await using engine = await openWith(states);
    const [persona, question] = story("cats");
    await ask(engine, 1, story("cats"));
    await ask(engine, 2, story("dogs"));
    await engine.forget(1, [PERSONA]);
    const again = await ask(engine, 1, [persona ?? PERSONA, question ?? PERSONA]);
    const alone = await ask(engine, 3, [PERSONA, user("Hello")]);
    expect(again.usage.reusedTokens).toBeLessThan(alone.usage.promptTokens);
  });
});

it("keeps nothing of a prompt that is to leave nothing but its system prompt", async () => {
  await using engine = await openWith();
  const undisclosed = { conversationId: undefined, keepsNothing: true };
  const first = await ask(engine, 1, story("cats"), undisclosed);
  const again = await ask(engine, 1, story("cats"), undisclosed);
  const alone = await ask(engine, 3, [PERSONA, user("Hello")]);
  expect(first.usage.reusedTokens).toBe(0);
  expect(again.usage.reusedTokens).toBeGreaterThan(0);
  expect(again.usage.reusedTokens).toBeLessThan(alone.usage.promptTokens);
  expect(again.text).toBe(first.text);
});

it("gives a slot back to whom it belongs when what would leave nothing never begins", async () => {
  await using engine = await openWith({ maxBytes: 0 });
  const first = await ask(engine, 1, story("cats"));
  const stopped = AbortSignal.abort(new Error("Somebody asks"));
  const undisclosed = { conversationId: undefined, keepsNothing: true, signal: stopped };
  await expect(ask(engine, 1, story("dogs"), undisclosed)).rejects.toThrow("Somebody asks");
  const messages = [...story("cats"), assistant(first.text), user("And now?")];
  const returned = await ask(engine, 1, messages);
  expect(returned.usage.reusedTokens).toBeGreaterThanOrEqual(first.usage.promptTokens - 1);
});

it("evaluates nothing twice for a conversation that keeps its slot", async () => {
  await using engine = await openWith({}, 2);
  const first = await ask(engine, 1, story("cats"));
  await ask(engine, 2, story("dogs"));
  const messages = [...story("cats"), assistant(first.text), user("And now?")];
  const { usage } = await ask(engine, 1, messages);
  expect(usage.reusedTokens).toBeGreaterThanOrEqual(first.usage.promptTokens - 1);
});

it("shares a long system prompt with a conversation that is new", async () => {
  await using engine = await openWith({}, 2);
  await ask(engine, 1, story("cats"));
  const { usage } = await ask(engine, 2, [PERSONA, user("Who are you?")]);
  expect(usage.reusedTokens).toBeGreaterThan(100);
});

it("begins a fork with a copy of what its origin has evaluated", async () => {
  await using engine = await openWith({}, 2);
  const origin = await ask(engine, 1, story("cats"));
  const fork = await ask(engine, 2, [...story("cats"), assistant("No."), user("Why?")]);
  expect(fork.usage.reusedTokens).toBeGreaterThanOrEqual(origin.usage.promptTokens - 1);
  const back = await ask(engine, 1, story("cats"));
  expect(back.usage.reusedTokens).toBe(origin.usage.promptTokens - 1);
});

describe("when the window is trimmed", () => {
  const turns = Array.from({ length: 8 }, (_, index) => [
    user(`Message ${index}: ${`word${index} `.repeat(20)}`),
    assistant(`Answer ${index}.`),
  ]).flat();
  const whole = [PERSONA, ...turns, user("What now?")];
  const trimmed = [PERSONA, ...turns.slice(6), user("What now?"), assistant("Go."), user("And?")];

  it("moves up what stays instead of evaluating it again", async () => {
    await using engine = await openWith();
    await ask(engine, 1, whole);
    const { usage } = await ask(engine, 1, trimmed, { isTrimmed: true });
    expect(usage.reusedTokens).toBeGreaterThan(usage.promptTokens * 0.8);
    expect(usage.replyTokens).toBeGreaterThan(0);
  });

  it("evaluates it again where the same turns were taken back", async () => {
    await using engine = await openWith();
    const [first] = [await ask(engine, 1, whole)];
    await engine.forget(1, [PERSONA]);
    const { usage } = await ask(engine, 1, trimmed, { isTrimmed: true });
    expect(usage.reusedTokens).toBeLessThan(first.usage.promptTokens / 2);
  });

  it("lends what it moved up to no other conversation", async () => {
    await using engine = await openWith({}, 2);
    await ask(engine, 1, whole);
    const own = await ask(engine, 1, trimmed, { isTrimmed: true });
    const other = await ask(engine, 2, trimmed);
    expect(other.usage.reusedTokens).toBeLessThan(own.usage.promptTokens / 2);
  });
});

it("takes back what was said while its reply is being written", async () => {
  await using engine = await openWith();
  const stop = new AbortController();
  const stream = engine.generate({
    conversationId: 1,
    messages: story("cats"),
    isTrimmed: false,
    maxTokens: 400,
    sampling: GREEDY,
    signal: stop.signal,
  });
  for await (const event of stream) if (event.type === "text-delta") break;
  await engine.forget(1);
  const { usage } = await ask(engine, 1, story("cats"));
  const alone = await ask(engine, 2, [PERSONA, user("Hi")]);
  expect(usage.reusedTokens).toBeLessThan(alone.usage.promptTokens);
});

describe("after a restart", () => {
  it("goes on where it was", async () => {
    let first: Reply;
    {
      await using engine = await openWith();
      first = await ask(engine, 1, story("cats"));
    }
    await using engine = await openWith();
    const { usage } = await ask(engine, 1, [
      ...story("cats"),
      assistant(first.text),
      user("And now?"),
    ]);
    expect(usage.reusedTokens).toBeGreaterThanOrEqual(first.usage.promptTokens - 1);
  });

  it("loads no state that was changed on the disk, and says so", async () => {
    {
      await using engine = await openWith();
      await ask(engine, 1, story("cats"));
    }
    for (const name of await stateFiles()) {
      const path = join(directory, name);
      const bytes = await readFile(path);
      bytes[bytes.length - 100] = (bytes.at(-100) ?? 0) ^ 0xff;
      await writeFile(path, bytes);
    }
    const warnings: string[] = [];
    await using engine = await openWith({ onWarning: (warning) => warnings.push(warning) });
    const { usage } = await ask(engine, 1, story("cats"));
    expect(usage.reusedTokens).toBe(0);
    expect(warnings.join()).toContain("cannot be used");
    expect(warnings.join()).not.toContain("cats");
  });

  it("deletes the states of other settings", async () => {
    {
      await using engine = await openWith();
      await ask(engine, 1, story("cats"));
    }
    expect(await stateFiles()).not.toEqual([]);
    await using engine = await openDemoEngine({
      parallelConversations: 1,
      contextTokens: 1_024,
      states: { directory, maxBytes: 2 ** 30 },
    });
    expect(await stateFiles()).toEqual([]);
    expect((await ask(engine, 1, story("cats"))).usage.reusedTokens).toBe(0);
  });
});

it("keeps no more than it may", async () => {
  let bytes = 0;
  {
    await using engine = await openWith({ memoryBytes: 0 });
    for (const [index, about] of ["cats", "dogs", "birds"].entries())
      await ask(engine, index, story(about));
  }
  const sizes = await Promise.all(
    (await stateFiles()).map(async (name) => (await readFile(join(directory, name))).length),
  );
  bytes = Math.max(...sizes);
  await rm(directory, { recursive: true });
  {
    await using engine = await openWith({ memoryBytes: 0, maxBytes: bytes * 1.5 });
    for (const [index, about] of ["cats", "dogs", "birds"].entries())
      await ask(engine, index, story(about));
  }
  expect(await stateFiles()).toHaveLength(1);
});

it.each(["q8_0", "q4_0"] as const)("keeps evaluated tokens as %s too", async (kvCacheType) => {
  await using half = await openDemoEngine();
  await using engine = await openDemoEngine({
    kvCacheType,
    states: { directory, maxBytes: 2 ** 30 },
  });
  expect(engine.facts.kvCacheBytes).toBeLessThan(half.facts.kvCacheBytes);
  const { text } = await ask(engine, 1, [user("My name is Ada. What is my name?")]);
  expect(text).not.toBe("");
});

it("writes JSON of the shape that is asked for", async () => {
  await using engine = await openWith();
  const schema = { type: "object", properties: { answer: { enum: ["yes", "no"] } } } as const;
  const { text } = await ask(engine, 1, [user("Are you well?")], { schema, maxTokens: 60 });
  expect(["yes", "no"]).toContain((JSON.parse(text) as { answer: string }).answer);
});

it("ends before a stop text and shows none of it", async () => {
  await using engine = await openWith();
  const question = [user("Count to 12")];
  const all = await ask(engine, 1, question, { maxTokens: 60 });
  const stop = all.text.slice(6, 10);
  const sampling = { ...GREEDY, stop: [stop] };
  const { text } = await ask(engine, 1, question, { maxTokens: 60, sampling });
  expect(text).toBe(all.text.slice(0, all.text.indexOf(stop)));
});
