import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { LlamaContextSequence } from "node-llama-cpp";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { openDemoEngine } from "../../support/model.ts";
import { ask, PERSONA, story, user } from "./ask.ts";

/** What the demo model's states of `story` take, and a quarter more. */
const ONE_STATE = 3_800_000;

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "states-"));
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(directory, { recursive: true, force: true });
});

const openWith = (maxBytes: number) =>
  openDemoEngine({
    parallelConversations: 1,
    states: { directory, maxBytes, memoryBytes: 0 },
  });

const countStates = async (): Promise<number> =>
  (await readdir(directory)).filter((name) => name.endsWith(".state")).length;

async function sumStates(folder: string): Promise<number> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".state"));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** How much lies in the folder whenever the library has just written a state. */
function watchSaves(): readonly number[] {
  const sums: number[] = [];
  // oxlint-disable-next-line typescript/unbound-method -- called with the `this` that it is called with
  const save = LlamaContextSequence.prototype.saveStateToFile;
  vi.spyOn(LlamaContextSequence.prototype, "saveStateToFile").mockImplementation(async function (
    this: LlamaContextSequence,
    path,
  ) {
    const saved = await save.call(this, path);
    sums.push(await sumStates(dirname(path)));
    return saved;
  });
  return sums;
}

const long = [PERSONA, user(`Tell me more. ${"I like whales a lot. ".repeat(120)}`)];

it("makes room before a state is written", async () => {
  const sums = watchSaves();
  const maxBytes = 1.5 * ONE_STATE;
  await using engine = await openWith(maxBytes);
  for (const [id, about] of ["cats", "dogs", "birds", "fish"].entries())
    await ask(engine, id, story(about));
  expect(sums.length).toBeGreaterThan(2);
  expect(Math.max(...sums)).toBeLessThanOrEqual(maxBytes);
  expect(Math.max(...sums)).toBeGreaterThan(maxBytes / 2);
});

it("gives up no state for one that can never fit", async () => {
  await using engine = await openWith(1.5 * ONE_STATE);
  await ask(engine, 1, story("cats"));
  const large = await ask(engine, 2, long);
  expect(large.usage.promptTokens).toBeGreaterThan(1_200);
  expect(large.usage.replyTokens).toBeGreaterThan(0);
  await ask(engine, 3, [user("Hello")]);
  const again = await ask(engine, 1, story("cats"));
  expect(again.usage.reusedTokens).toBe(again.usage.promptTokens - 1);
});

it("deletes what is beyond a lowered limit as it is opened, least recently used first", async () => {
  {
    await using engine = await openWith(2 ** 30);
    for (const [id, about] of ["cats", "dogs", "birds"].entries())
      await ask(engine, id, story(about));
  }
  expect(await countStates()).toBeGreaterThan(2);
  await using engine = await openWith(1.5 * ONE_STATE);
  expect(await sumStates(directory)).toBeLessThanOrEqual(1.5 * ONE_STATE);
  const { usage } = await ask(engine, 2, story("birds"));
  expect(usage.reusedTokens).toBe(usage.promptTokens - 1);
});
