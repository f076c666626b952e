import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine, EngineEvent, GenerationRequest } from "../../src/chat/ports.ts";
import type { LlamaEngine } from "../../src/inference/llama/llama-engine.ts";
import { GREEDY, openDemoEngine } from "../support/model.ts";
import type { ScriptStep } from "../support/scripted-engine.ts";
import { createGate, end, say, ScriptedEngine, waitFor } from "../support/scripted-engine.ts";

let demo: LlamaEngine;
beforeAll(async () => {
  demo = await openDemoEngine();
});
afterAll(() => demo[Symbol.asyncDispose]());

/** What a scripted engine is to do where the real one is asked for a long story. */
const story = (): ScriptStep[] => [
  { kind: "say", text: "Once" },
  { kind: "say", text: " upon" },
  waitFor(createGate()),
  end("stop"),
];

const request = (overrides: Partial<GenerationRequest> = {}): GenerationRequest => ({
  conversationId: 1,
  messages: [
    { role: "system", text: "You are Rosie, a cat." },
    { role: "user", text: "Who are you?" },
  ],
  maxTokens: 1_000,
  sampling: GREEDY,
  signal: new AbortController().signal,
  ...overrides,
});
const storyRequest = (overrides: Partial<GenerationRequest> = {}): GenerationRequest =>
  request({ messages: [{ role: "user", text: "Tell me a long story" }], ...overrides });

async function collect(stream: AsyncIterable<EngineEvent>): Promise<EngineEvent[]> {
  const events: EngineEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

function textOf(events: readonly EngineEvent[]): string {
  return events.map((event) => (event.type === "text-delta" ? event.text : "")).join("");
}

const engines: readonly [string, (...replies: ScriptStep[][]) => Engine][] = [
  ["the scripted engine", (...replies) => new ScriptedEngine(replies)],
  ["the llama engine", () => demo],
];

describe.each(engines)("%s", (_name, open) => {
  it("streams text and then exactly one end", async () => {
    const engine = open(say("I am ", "Rosie, a cat."));
    const events = await collect(engine.generate(request()));
    expect(textOf(events)).toBe("I am Rosie, a cat.");
    expect(events.slice(0, -1).every((event) => event.type === "text-delta")).toBe(true);
    expect(events.at(-1)).toMatchObject({ type: "end", reason: "stop" });
  });

  it("counts the tokens that a prompt really has", async () => {
    const engine = open(say("Rosie."));
    const { messages } = request();
    const counts = await Promise.all(messages.map((message) => engine.countTokens(message)));
    const sum = counts.reduce((total, count) => total + count, engine.overheadTokens);
    const events = await collect(engine.generate(request()));
    expect(events.at(-1)).toMatchObject({ type: "end", usage: { promptTokens: sum } });
  });

  it("throws the signal's reason when it is aborted while it writes", async () => {
    const engine = open(story(), say("I am Rosie, a cat."));
    const stop = new AbortController();
    const reason = new Error("enough");
    const listen = async (): Promise<void> => {
      for await (const event of engine.generate(storyRequest({ signal: stop.signal })))
        if (event.type === "text-delta") stop.abort(reason);
    };
    await expect(listen()).rejects.toBe(reason);
    expect(textOf(await collect(engine.generate(request())))).toBe("I am Rosie, a cat.");
  });

  it("throws the signal's reason when it is aborted before it begins", async () => {
    const reason = new Error("too late");
    const stream = open(say("Hello.")).generate(request({ signal: AbortSignal.abort(reason) }));
    await expect(collect(stream)).rejects.toBe(reason);
  });

  it("stops when the loop is left, and writes the next reply", async () => {
    const engine = open(story(), say("I am Rosie, a cat."));
    for await (const event of engine.generate(storyRequest())) {
      expect(event.type).toBe("text-delta");
      break;
    }
    expect(textOf(await collect(engine.generate(request())))).toBe("I am Rosie, a cat.");
  });

  it("writes replies of several conversations at the same time", async () => {
    const names = ["Rosie", "Bruno", "Otto", "Ivy", "Max", "Luna"];
    const engine = open(...names.map((name) => say(`I am ${name}, a cat.`)));
    const replies = await Promise.all(
      names.map((name, index) =>
        collect(
          engine.generate(
            request({
              conversationId: 100 + index,
              messages: [
                { role: "system", text: `You are ${name}, a cat.` },
                { role: "user", text: "Who are you?" },
              ],
            }),
          ),
        ),
      ),
    );
    expect(replies.map(textOf)).toEqual(names.map((name) => `I am ${name}, a cat.`));
  });
});

it("a scripted engine refuses what is not in its script", async () => {
  const engine = new ScriptedEngine([[{ kind: "say", text: "Well," }]]);
  await expect(collect(engine.generate(request()))).rejects.toThrow("no end in the script");
  await expect(collect(engine.generate(request()))).rejects.toThrow("not in the script");
});
