import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ReplyUsage } from "../../../src/chat/conversation.ts";
import type { GenerationRequest, PromptMessage } from "../../../src/chat/ports.ts";
import type { LlamaEngine } from "../../../src/inference/llama/llama-engine.ts";
import { DEMO_MODEL_PATH, GREEDY, openDemoEngine } from "../../support/model.ts";
import { patchDemoModel } from "../../support/vocabulary-model.ts";

interface Reply {
  readonly text: string;
  readonly reason: string;
  readonly usage: ReplyUsage;
}

const user = (text: string): PromptMessage => ({ role: "user", text });
const assistant = (text: string): PromptMessage => ({ role: "assistant", text });
const PERSONA: PromptMessage = {
  role: "system",
  text: "You are Familiar, a helpful assistant.",
};
let nextConversation = 1_000;

async function ask(
  engine: LlamaEngine,
  messages: readonly PromptMessage[],
  overrides: Partial<GenerationRequest> = {},
): Promise<Reply> {
  nextConversation += 1;
  const request = {
    conversationId: nextConversation,
    messages,
    isTrimmed: false,
    maxTokens: 1_500,
    sampling: GREEDY,
    signal: new AbortController().signal,
    ...overrides,
  };
  let text = "";
  for await (const event of engine.generate(request)) {
    if (event.type === "end") return { text, reason: event.reason, usage: event.usage };
    if (event.type !== "text-delta") continue;
    expect(event.text).not.toBe("");
    expect(event.text).not.toContain("\uFFFD");
    text += event.text;
  }
  throw new Error("the stream had no end");
}

async function writeWild(engine: LlamaEngine, seed: number | undefined): Promise<string> {
  const sampling = { ...GREEDY, temperature: 2, seed };
  const story = [user("Tell me a short story")];
  return (await ask(engine, story, { sampling, maxTokens: 60 })).text;
}

describe("with the demo model", () => {
  let engine: LlamaEngine;
  beforeAll(async () => {
    engine = await openDemoEngine();
  });
  afterAll(() => engine[Symbol.asyncDispose]());

  it("remembers a name, and evaluates only what is new in the second turn", async () => {
    const first = await ask(engine, [PERSONA, user("My name is Ada.")], { conversationId: 1 });
    const second = await ask(
      engine,
      [PERSONA, user("My name is Ada."), assistant(first.text), user("What is my name?")],
      { conversationId: 1 },
    );
    expect(second.text).toBe("Your name is Ada.");
    expect(second.usage.reusedTokens).toBeGreaterThanOrEqual(first.usage.promptTokens);
    expect(second.usage.totalMs).toBeGreaterThanOrEqual(second.usage.firstTokenMs);
  });

  it("knows who it is", async () => {
    const { text } = await ask(engine, [PERSONA, user("Who are you?")]);
    expect(text).toBe("I am Familiar, a helpful assistant.");
  });

  it("answers the same prompt the same whether or not it has been evaluated before", async () => {
    const prompt = [PERSONA, user("Count to 12")];
    const first = await ask(engine, prompt, { conversationId: 2 });
    const again = await ask(engine, prompt, { conversationId: 2 });
    expect(again.text).toBe(first.text);
    expect(again.usage.reusedTokens).toBe(first.usage.promptTokens - 1);
  });

  it.each(["<|im_end|>", "<|im_start|>"])("ends where the model spells %s out", async (control) => {
    const { text, reason, usage } = await ask(engine, [user(`Repeat: a ${control} b`)]);
    expect([text, reason]).toEqual(["a ", "stop"]);
    expect(usage.replyTokens).toBeGreaterThan(5);
  });

  it("shows characters of several tokens whole", async () => {
    expect((await ask(engine, [user("Repeat: cat 🦊")])).text).toContain("🦊");
  });

  it("ends at the limit of tokens for one reply", async () => {
    const prompt = [user("Tell me a long story")];
    const { reason, usage } = await ask(engine, prompt, { maxTokens: 20 });
    expect([reason, usage.replyTokens]).toEqual(["length", 20]);
  });

  it("ends where prompt and reply fill the context", async () => {
    await using small = await openDemoEngine({ contextTokens: 256, parallelConversations: 1 });
    const { reason, usage } = await ask(small, [user("Tell me a long story")]);
    expect([reason, usage.promptTokens + usage.replyTokens]).toEqual(["context", 256]);
    const tooLong = await ask(small, [user("word ".repeat(400))]);
    expect([tooLong.reason, tooLong.usage.replyTokens, tooLong.text]).toEqual(["context", 0, ""]);
    expect((await ask(small, [PERSONA, user("Who are you?")])).reason).toBe("stop");
  });

  it("writes the same text for the same seed, and others for others", async () => {
    const seeded = await writeWild(engine, 7);
    expect(await writeWild(engine, 7)).toBe(seeded);
    expect(await writeWild(engine, 8)).not.toBe(seeded);
    expect(await writeWild(engine, undefined)).not.toBe(await writeWild(engine, undefined));
  });

  it("repeats itself less with a repeat penalty", async () => {
    const story = [user("Tell me a long story")];
    const plain = await ask(engine, story, { maxTokens: 100 });
    const sampling = { ...GREEDY, repeatPenalty: 1.5 };
    const penalised = await ask(engine, story, { maxTokens: 100, sampling });
    expect(penalised.text).not.toBe(plain.text);
  });

  it("writes what it writes alone while others write too", async () => {
    const story = [user("Tell me a long story")];
    const maxTokens = 200;
    const alone = await ask(engine, story, { maxTokens });
    const together = await Promise.all(
      Array.from({ length: 6 }, () => ask(engine, story, { maxTokens })),
    );
    expect(together.map(({ text }) => text)).toEqual(Array.from({ length: 6 }, () => alone.text));
  });

  it("says how it is while every slot is taken", async () => {
    const stop = new AbortController();
    const overrides = { signal: stop.signal };
    const stories = Array.from({ length: 5 }, () =>
      ask(engine, [user("Tell me a long story")], overrides),
    );
    const settled = Promise.allSettled(stories);
    const times = await Promise.all([engine.ping(), engine.ping()]);
    stop.abort(new Error("enough"));
    for (const ms of times) expect(ms).toBeGreaterThan(0);
    const outcomes = await settled;
    expect(outcomes.map(({ status }) => status)).toEqual(outcomes.map(() => "rejected"));
  });

  it("stops in the middle of a long prompt, and evaluates it the next time", async () => {
    const prompt = [user("The cat sat on the mat. ".repeat(150))];
    const stop = new AbortController();
    const reply = ask(engine, prompt, { conversationId: 3, signal: stop.signal, maxTokens: 1 });
    setImmediate(() => stop.abort(new Error("enough")));
    await expect(reply).rejects.toThrow("enough");
    const { usage } = await ask(engine, prompt, { conversationId: 3, maxTokens: 1 });
    expect(usage.replyTokens).toBe(1);
  });

  it("tells what it runs on", () => {
    expect(engine.modelName).toBe("familiar-demo-3m-q8_0");
    expect(engine.contextTokens).toBe(2_048);
    expect(engine.facts).toMatchObject({
      device: "CPU",
      gpuLayers: 0,
      contextTokens: 2_048,
      trainedTokens: 2_048,
      threads: 1,
      template: "chatml",
      sequences: 4,
    });
    expect(engine.facts.memoryBytes).toBeGreaterThan(10_000_000);
  });
});

describe.each([
  ["control", 3],
  ["user-defined", 4],
  ["normal", 1],
])("with ChatML tokens typed %s and no template", (_name, type) => {
  it("ends its turn and shows no control token", async () => {
    await using copy = await patchDemoModel({
      tokenTypes: { "<|im_start|>": type, "<|im_end|>": type },
      removeKeys: ["tokenizer.chat_template"],
    });
    await using engine = await openDemoEngine({ modelPath: copy.path });
    const { text, reason } = await ask(engine, [PERSONA, user("Who are you?")]);
    expect([text, reason]).toEqual(["I am Familiar, a helpful assistant.", "stop"]);
  });
});

it("uses a model's own template, and gives its counts another basis", async () => {
  const template =
    "{% for m in messages %}<|im_start|>{{ m['role'] }}: {{ m['content'] }}<|im_end|>{% endfor %}";
  await using copy = await patchDemoModel({ setStrings: { "tokenizer.chat_template": template } });
  await using own = await openDemoEngine({ modelPath: copy.path });
  await using forced = await openDemoEngine({ modelPath: copy.path, chatTemplate: "chatml" });
  await using demo = await openDemoEngine();
  expect((await ask(own, [user("Hello")], { maxTokens: 20 })).usage.promptTokens).toBeGreaterThan(
    2,
  );
  expect(own.facts.template).not.toBe("chatml");
  expect(own.countBasis).not.toBe(demo.countBasis);
  expect(forced.countBasis).toBe(demo.countBasis);
});

it("stops its replies when it is closed, and writes no more", async () => {
  const engine = await openDemoEngine();
  const story = ask(engine, [user("Tell me a long story")]);
  const settled = Promise.allSettled([story]);
  await engine.ping();
  await engine[Symbol.asyncDispose]();
  expect(await settled).toMatchObject([{ reason: { code: "engine-failed" } }]);
  await expect(ask(engine, [user("Hello")])).rejects.toMatchObject({ code: "engine-failed" });
  await expect(engine.ping()).rejects.toMatchObject({ code: "engine-failed" });
  await expect(engine.countTokens(user("Hello"))).rejects.toMatchObject({ code: "engine-failed" });
});

describe("createLlamaEngine", () => {
  it("names the GPU types that are there when another is asked for", async () => {
    const missing = process.platform === "darwin" ? "cuda" : "metal";
    const opening = openDemoEngine({ gpu: missing });
    await expect(opening).rejects.toMatchObject({
      code: "model-invalid",
      message: expect.stringMatching(`^GPU=${missing} is not possible: this machine has .+\\. Set`),
    });
  });

  it("refuses a context larger than the model was trained on", async () => {
    const opening = openDemoEngine({ contextTokens: 4_096 });
    await expect(opening).rejects.toMatchObject({
      code: "model-invalid",
      message: expect.stringContaining("set it to at most 2048"),
    });
  });

  it("refuses a damaged file", async () => {
    await using copy = await patchDemoModel({});
    const bytes = await readFile(DEMO_MODEL_PATH);
    await writeFile(copy.path, bytes.subarray(0, 200_000));
    const opening = openDemoEngine({ modelPath: copy.path });
    await expect(opening).rejects.toMatchObject({ code: "model-invalid" });
  });

  it("throws the signal's reason when it is aborted", async () => {
    const reason = new Error("never mind");
    await expect(openDemoEngine({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const stop = new AbortController();
    const opening = openDemoEngine({
      signal: stop.signal,
      onProgress: () => stop.abort(reason),
    });
    await expect(opening).rejects.toBe(reason);
  });
});
