import { afterAll, beforeAll, expect, it } from "vitest";
import type { LlamaEngine } from "../../src/inference/llama/llama-engine.ts";
import { openDemoEngine } from "../support/model.ts";
import { openServe, readEvents } from "../support/serve.ts";

let engine: LlamaEngine;
beforeAll(async () => {
  engine = await openDemoEngine();
});
afterAll(() => engine[Symbol.asyncDispose]());

const introduce = (name: string) => ({
  temperature: 0,
  messages: [
    { role: "system", content: `You are ${name}, a cat.` },
    { role: "user", content: "Who are you?" },
  ],
});

const story = { temperature: 0, messages: [{ role: "user", content: "Tell me a long story" }] };

interface Chunk {
  readonly choices: readonly { readonly delta: { readonly content?: string } }[];
}

it("answers with the model's own words, streamed or not", async () => {
  const { ask } = await openServe(engine);
  const whole = await (await ask(introduce("Rosie"))).json();
  expect(whole).toMatchObject({
    choices: [{ message: { content: "I am Rosie, a cat." }, finish_reason: "stop" }],
  });
  const events = await readEvents(await ask({ ...introduce("Rosie"), stream: true }));
  const chunks = events.slice(0, -1) as Chunk[];
  const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("");
  expect(text).toBe("I am Rosie, a cat.");
});

it("answers more at once than there are slots, and mixes nothing up", async () => {
  const { ask } = await openServe(engine);
  const names = ["Rosie", "Bruno", "Otto", "Ivy", "Max", "Luna"];
  const answers = names.map(async (name, index) =>
    (await ask({ ...introduce(name), stream: index % 2 === 0 })).text(),
  );
  for (const [index, answer] of (await Promise.all(answers)).entries())
    expect(answer.replaceAll(/"\}.*?"content":"/gs, "")).toContain(names[index]);
});

it("counts the tokens that a prompt takes", async () => {
  const { ask, post } = await openServe(engine);
  const { count } = (await (await post("/tokenize", introduce("Rosie"))).json()) as {
    count: number;
  };
  expect(await (await ask(introduce("Rosie"))).json()).toMatchObject({
    usage: { prompt_tokens: count },
  });
});

it("ends an answer at its limit of tokens", async () => {
  const { ask } = await openServe(engine);
  expect(await (await ask({ ...story, max_tokens: 5 })).json()).toMatchObject({
    choices: [{ finish_reason: "length" }],
    usage: { completion_tokens: 5 },
  });
});

it("ends an answer before a stop text", async () => {
  const { ask } = await openServe(engine);
  expect(await (await ask({ ...introduce("Rosie"), stop: [" a cat"] })).json()).toMatchObject({
    choices: [{ message: { content: "I am Rosie," }, finish_reason: "stop" }],
  });
});

it("answers in the form of a schema", async () => {
  const { ask } = await openServe(engine);
  const schema = {
    type: "object",
    properties: { isCat: { type: "boolean" } },
    required: ["isCat"],
  };
  const response = await ask({
    ...introduce("Rosie"),
    response_format: { type: "json_schema", json_schema: { name: "cat", schema } },
  });
  expect(await response.json()).toMatchObject({
    choices: [{ message: { content: expect.stringMatching(/^\{.*\}$/s) }, finish_reason: "stop" }],
  });
});

it("has all its slots again when those who asked have left", async () => {
  const { ask } = await openServe(engine);
  const streams = await Promise.all(
    Array.from({ length: engine.parallelReplies }, () => ask({ ...story, stream: true })),
  );
  for (const stream of streams) await stream.body?.cancel();
  expect((await ask(introduce("Rosie"))).status).toBe(200);
});
