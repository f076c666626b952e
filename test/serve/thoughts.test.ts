import { expect, it } from "vitest";
import { end, say, ScriptedEngine, think } from "../support/scripted-engine.ts";
import type { ScriptStep } from "../support/scripted-engine.ts";
import { openServe, readEvents } from "../support/serve.ts";
import type { TestServe } from "../support/serve.ts";

interface Message {
  readonly content?: string;
  readonly reasoning_content?: string;
}

async function askWhole(ask: TestServe["ask"], body: object = {}): Promise<Message> {
  const answer = (await (await ask(body)).json()) as { choices: [{ message: Message }] };
  return answer.choices[0].message;
}

/** What a client puts together from the deltas. */
async function askStreamed(ask: TestServe["ask"]): Promise<Message> {
  const events = await readEvents(await ask({ stream: true }));
  const deltas = events.flatMap((event) =>
    typeof event === "object" ? (event as { choices: [{ delta: Message }] }).choices : [],
  );
  const join = (name: keyof Message): string =>
    deltas.map(({ delta }) => delta[name] ?? "").join("");
  return { content: join("content"), reasoning_content: join("reasoning_content") };
}

const open = async (...replies: ScriptStep[][]): Promise<TestServe["ask"]> =>
  (await openServe(new ScriptedEngine(replies))).ask;

const APART = { content: "Yes.", reasoning_content: "Let me see." };
const unseen = (): ScriptStep[] => say("Let me", " see.</thi", "nk>\n\nYes.");
const cut = (): ScriptStep[] => [...say("Let me", " see.").slice(0, -1), end("length")];

it("keeps thoughts apart that the model writes into its text, streamed or not", async () => {
  const script = (): ScriptStep[] => say("<thi", "nk>Let me", " see.</think>", "\n\nYes.");
  const ask = await open(script(), script());
  expect(await askWhole(ask)).toMatchObject(APART);
  expect(await askStreamed(ask)).toEqual(APART);
});

it("takes what stands before an end of thoughts out of a whole answer", async () => {
  const ask = await open(unseen());
  expect(await askWhole(ask)).toMatchObject(APART);
});

/** Three answers that begin within their thoughts are believed. */
async function openKnown(...replies: ScriptStep[][]): Promise<TestServe["ask"]> {
  const ask = await open(unseen(), unseen(), unseen(), ...replies);
  for (let answers = 0; answers < 3; answers += 1) await askWhole(ask);
  return ask;
}

it("knows a model that has always begun within its thoughts, wherever it is cut", async () => {
  const ask = await openKnown(unseen(), cut());
  expect(await askStreamed(ask)).toEqual(APART);
  expect(await askWhole(ask)).toMatchObject({ ...APART, content: "" });
});

it("takes a cut answer for thoughts after no single one that began within them", async () => {
  const ask = await open(unseen(), cut());
  await askWhole(ask);
  expect(await askWhole(ask)).toMatchObject({ content: "Let me see." });
});

it("gives the answer as such where such a model has not thought, and believes it no more", async () => {
  const ask = await openKnown(say("Yes", "."), unseen(), say("Yes", "."));
  const message = await askWhole(ask);
  expect(message).toMatchObject({ content: "Yes." });
  expect(message).not.toHaveProperty("reasoning_content");
  await askWhole(ask);
  expect(await askStreamed(ask)).toEqual({ content: "Yes.", reasoning_content: "" });
});

it("leaves the text as it is where the engine keeps the thoughts apart", async () => {
  const ask = await openKnown([think("Let me see."), ...say("Yes", ".")]);
  expect(await askStreamed(ask)).toEqual(APART);
});

it("leaves the tags in the JSON that a schema asks for", async () => {
  const json = '{"a":"<think>b</think>"}';
  const ask = await open(say('{"a":"<think>', 'b</think>"}'));
  const body = { response_format: { type: "json_object" } };
  expect(await askWhole(ask, body)).toMatchObject({ content: json });
});
