import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type * as StateFile from "../../../src/inference/llama/state-file.ts";
import { openDemoEngine } from "../../support/model.ts";
import { createGate } from "../../support/scripted-engine.ts";
import type { Gate } from "../../support/scripted-engine.ts";
import { ask, assistant, story, user } from "./ask.ts";

/** Holds up whoever reads a state's file to its end. */
const held = vi.hoisted((): { gate: Gate | undefined } => ({ gate: undefined }));

vi.mock("../../../src/inference/llama/state-file.ts", async (importOriginal) => {
  const original = await importOriginal<typeof StateFile>();
  return {
    ...original,
    checksumFile: async (path: string): Promise<number> => {
      held.gate?.reach();
      await held.gate?.opened;
      return await original.checksumFile(path);
    },
  };
});

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "states-"));
});

afterEach(async () => {
  held.gate?.open();
  held.gate = undefined;
  await rm(directory, { recursive: true, force: true });
});

const openWith = (parallelConversations: number) =>
  openDemoEngine({
    parallelConversations,
    states: { directory, maxBytes: 2 ** 30, memoryBytes: 0 },
  });

const goOn = (about: string) => [...story(about), assistant("Yes."), user("And now?")];
/** Has nothing in common with a story. */
const chat = (about: string) => [user(`${about}? ${`I like ${about}. `.repeat(30)}`)];
const close = (): Gate => {
  held.gate = createGate();
  return held.gate;
};

it("lets others write while a state that is wanted is checked", async () => {
  {
    await using engine = await openWith(2);
    await ask(engine, 1, story("cats"));
  }
  await using engine = await openWith(2);
  const gate = close();
  const returning = ask(engine, 1, goOn("cats"));
  await gate.reached;
  const { usage } = await ask(engine, 2, [user("Hello")]);
  expect(usage.replyTokens).toBeGreaterThan(0);
  gate.open();
  const returned = await returning;
  expect(returned.usage.reusedTokens).toBeGreaterThan(returned.usage.promptTokens / 2);
});

it("saves one conversation after the other while none of them is done with on the disk", async () => {
  await using engine = await openWith(1);
  const gate = close();
  for (const [id, about] of ["cats", "dogs", "birds"].entries())
    await ask(engine, id, story(about));
  await gate.reached;
  gate.open();
  const { usage } = await ask(engine, 0, goOn("cats"));
  expect(usage.reusedTokens).toBeGreaterThan(usage.promptTokens / 2);
});

it("brings a conversation back while what it was saved to is not done with", async () => {
  await using engine = await openWith(1);
  const gate = close();
  await ask(engine, 0, story("cats"));
  await ask(engine, 1, story("dogs"));
  const { usage } = await ask(engine, 0, goOn("cats"));
  gate.open();
  expect(usage.reusedTokens).toBeGreaterThan(usage.promptTokens / 2);
});

it("leaves nothing of a state that is forgotten while it is put on the disk", async () => {
  await using engine = await openWith(1);
  const gate = close();
  await ask(engine, 0, [user("Cats. ".repeat(100))]);
  await ask(engine, 1, [user("Dogs. ".repeat(100))]);
  await gate.reached;
  const forgotten = engine.forget(0);
  gate.open();
  await forgotten;
  const { usage } = await ask(engine, 2, [user("Cats. ".repeat(100)), assistant("Yes"), user("?")]);
  expect(usage.reusedTokens).toBeLessThan(64);
});

it("finds what a slot holds for it that was lent to another which has not begun", async () => {
  {
    await using engine = await openWith(2);
    await ask(engine, 1, story("cats"));
  }
  await using engine = await openWith(2);
  await ask(engine, 2, chat("dogs"));
  await ask(engine, 3, chat("birds"));
  const gate = close();
  const returning = ask(engine, 1, goOn("cats"));
  await gate.reached;
  const { usage } = await ask(engine, 2, [...chat("dogs"), assistant("Yes."), user("And now?")]);
  expect(usage.reusedTokens).toBeGreaterThan(usage.promptTokens / 2);
  gate.open();
  const returned = await returning;
  expect(returned.usage.reusedTokens).toBeGreaterThan(returned.usage.promptTokens / 2);
});
