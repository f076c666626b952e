import { copyFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { LlamaContextSequence } from "node-llama-cpp";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import type { PromptMessage } from "../../../src/chat/ports.ts";
import type { LlamaEngine } from "../../../src/inference/llama/llama-engine.ts";
import type { StateStoreOptions } from "../../../src/inference/llama/state-store.ts";
import { openDemoEngine } from "../../support/model.ts";
import { ask, assistant, PERSONA, story, user } from "./ask.ts";

const SHARED_MEMORY = "/dev/shm";

let directory: string;
const warnings: string[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "states-"));
  warnings.length = 0;
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const openWith = (parallelConversations: number, states: Partial<StateStoreOptions> = {}) =>
  openDemoEngine({
    parallelConversations,
    states: {
      directory,
      maxBytes: 2 ** 30,
      onWarning: (warning) => warnings.push(warning),
      ...states,
    },
  });

const filesIn = async (folder: string, suffix: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.endsWith(suffix));

const goOn = (about: string) => [...story(about), assistant("Yes."), user("And now?")];

/** Has nothing in common with a story: no state of one is tried for it. */
const chat = (about: string) => [user(`${about}? ${`I like ${about}. `.repeat(30)}`)];
const chatOn = (about: string) => [...chat(about), assistant("Yes."), user("And now?")];

/** Conversations about these, each with an id by its place. */
async function talkAbout(engine: LlamaEngine, ...topics: readonly string[]): Promise<void> {
  for (const [id, about] of topics.entries()) await ask(engine, id, story(about));
}

/** That replies are what nothing has disturbed. */
async function expectUndisturbed(
  ...replies: readonly (readonly [readonly PromptMessage[], string])[]
): Promise<void> {
  await using plain = await openDemoEngine({ parallelConversations: 1 });
  for (const [messages, text] of replies) expect(text).toBe((await ask(plain, 1, messages)).text);
}

/** Brings a conversation about cats into one of two slots that are in use; the other one goes on. */
async function expectCatsToReturn(engine: LlamaEngine): Promise<void> {
  await ask(engine, 7, chat("fish"));
  await ask(engine, 8, chat("mice"));
  const [cats, mice] = await Promise.all([
    ask(engine, 0, goOn("cats")),
    ask(engine, 8, chatOn("mice")),
  ]);
  const fish = await ask(engine, 7, chatOn("fish"));
  const mended = await ask(engine, 0, goOn("cats"));
  await expectUndisturbed(
    [goOn("cats"), cats.text],
    [chatOn("mice"), mice.text],
    [chatOn("fish"), fish.text],
    [goOn("cats"), mended.text],
  );
}

async function readKey(folder: string): Promise<string> {
  const [name = ""] = await filesIn(folder, ".json");
  return (JSON.parse(await readFile(join(folder, name), "utf8")) as { key: string }).key;
}

/** Passes states off as those of other settings. */
async function forgeKey(from: string, to: string, key: string): Promise<void> {
  for (const name of await filesIn(from, ".state"))
    await copyFile(join(from, name), join(to, name));
  for (const name of await filesIn(from, ".json")) {
    const record = JSON.parse(await readFile(join(from, name), "utf8")) as object;
    await writeFile(join(to, name), JSON.stringify({ ...record, key }));
  }
}

it("keeps no states from a time with another number of conversations at once", async () => {
  {
    await using engine = await openWith(4);
    await talkAbout(engine, "cats", "dogs", "birds");
  }
  expect(await filesIn(directory, ".state")).not.toEqual([]);
  await using engine = await openWith(2);
  expect(await filesIn(directory, ".state")).toEqual([]);
  await expectCatsToReturn(engine);
  expect(warnings).toEqual([]);
});

it("evaluates a prompt anew in a slot that was in use, where llama.cpp refuses its state", async () => {
  const foreign = await mkdtemp(join(tmpdir(), "states-"));
  {
    await using engine = await openWith(4, { directory: foreign });
    await talkAbout(engine, "cats");
  }
  {
    await using engine = await openWith(2);
    await ask(engine, 9, story("bees"));
  }
  const key = await readKey(directory);
  await rm(directory, { recursive: true });
  await openWith(2).then((engine) => engine[Symbol.asyncDispose]());
  await forgeKey(foreign, directory, key);
  await rm(foreign, { recursive: true });

  await using engine = await openWith(2);
  await expectCatsToReturn(engine);
  expect(warnings.join("\n")).toContain("cannot be used");
});

describe.skipIf(!existsSync(SHARED_MEMORY))("a store in memory", () => {
  const ownFolders = async (): Promise<string[]> =>
    (await readdir(SHARED_MEMORY))
      .filter((name) => name.startsWith(`familiar-${process.pid}-`))
      .map((name) => join(SHARED_MEMORY, name));

  /** The one that an engine makes as it is opened. */
  async function openAlone() {
    const before = new Set(await ownFolders());
    const engine = await openWith(1);
    const folder = (await ownFolders()).find((each) => !before.has(each)) ?? "";
    return { engine, folder };
  }

  it.each([
    ["cut short", (path: string) => truncate(path, 40_000)],
    ["gone", (path: string) => rm(path)],
  ])("loads no file that is %s, and says so", async (_what, spoil) => {
    const { engine, folder } = await openAlone();
    await using _open = engine;
    await talkAbout(engine, "cats", "dogs");
    for (const name of await filesIn(folder, ".state")) await spoil(join(folder, name));
    const cats = await ask(engine, 0, goOn("cats"));
    expect(warnings.join("\n")).toContain("cannot be used: its file has changed");
    const dogs = await ask(engine, 1, goOn("dogs"));
    const alone = await ask(engine, 9, [PERSONA, user("Hi")]);
    expect(cats.usage.reusedTokens).toBeLessThan(alone.usage.promptTokens);
    await expectUndisturbed([goOn("cats"), cats.text], [goOn("dogs"), dogs.text]);
  });

  it("makes its folder anew after somebody has wiped it", async () => {
    const { engine, folder } = await openAlone();
    await using _open = engine;
    await rm(folder, { recursive: true });
    await talkAbout(engine, "cats", "dogs");
    const { usage } = await ask(engine, 0, goOn("cats"));
    expect(usage.reusedTokens).toBeGreaterThan(usage.promptTokens / 2);
    expect(await filesIn(directory, ".state")).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it("leaves to the disk what memory does not take", async () => {
    const { engine, folder } = await openAlone();
    await using _open = engine;
    await rm(folder, { recursive: true });
    await writeFile(folder, "a file in the folder's place");
    await talkAbout(engine, "cats", "dogs");
    expect(await filesIn(directory, ".state")).not.toEqual([]);
    const { usage } = await ask(engine, 0, goOn("cats"));
    expect(usage.reusedTokens).toBeGreaterThan(usage.promptTokens / 2);
    expect(warnings).toEqual([]);
  });

  it("takes nothing that is larger than all of it may be", async () => {
    const save = vi.spyOn(LlamaContextSequence.prototype, "saveStateToFile");
    onTestFinished(() => save.mockRestore());
    await using engine = await openWith(1, { memoryBytes: 100_000 });
    await talkAbout(engine, "cats", "dogs");
    expect(save).toHaveBeenCalled();
    for (const [path] of save.mock.calls) expect(dirname(path)).toBe(directory);
  });
});

it("makes the folder on the disk anew after somebody has wiped it", async () => {
  await using engine = await openWith(1, { memoryBytes: 0 });
  await rm(directory, { recursive: true });
  await talkAbout(engine, "cats", "dogs");
  const { usage } = await ask(engine, 0, goOn("cats"));
  expect(usage.reusedTokens).toBeGreaterThan(usage.promptTokens / 2);
  expect(warnings).toEqual([]);
});
