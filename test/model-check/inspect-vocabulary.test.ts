import { getLlama, LlamaLogLevel } from "node-llama-cpp";
import type { Llama } from "node-llama-cpp";
import { afterAll, beforeAll, expect, it } from "vitest";
import { inspectVocabulary } from "../../src/model-check/inspect-vocabulary.ts";
import type { VocabularyOptions } from "../../src/model-check/inspect-vocabulary.ts";
import type { GgufPatch } from "../support/gguf-patch.ts";
import { patchDemoModel } from "../support/vocabulary-model.ts";

const ALPACA =
  "{% for message in messages %}### {{ message['role'] }}:\n{{ message['content'] }}\n{% endfor %}";

let llama: Llama;

beforeAll(async () => {
  const logLevel = LlamaLogLevel.disabled;
  llama = await getLlama({ gpu: false, build: "never", maxThreads: 1, logLevel });
});

afterAll(async () => {
  await llama.dispose();
});

async function inspect(patch: GgufPatch, options: Partial<VocabularyOptions> = {}) {
  await using model = await patchDemoModel(patch);
  const { signal } = new AbortController();
  const defaults = { modelPath: model.path, chatTemplate: "auto", signal } as const;
  return await inspectVocabulary(llama, { ...defaults, ...options });
}

it("finds the demo model to speak ChatML", async () => {
  expect(await inspect({})).toEqual({
    template: "chatml",
    promptFormat: "chatml",
    controlTokens: [
      { text: "<|im_start|>", type: 3 },
      { text: "<|im_end|>", type: 3 },
    ],
    endToken: { text: "<|im_end|>", isKnownEnd: true },
    knownEnds: expect.arrayContaining(["<|im_end|>"]),
  });
});

it.each([1, 4])("reports control tokens of type %i", async (type) => {
  const facts = await inspect({ tokenTypes: { "<|im_start|>": type, "<|im_end|>": type } });
  expect(facts).toMatchObject({
    promptFormat: "chatml",
    controlTokens: [
      { text: "<|im_start|>", type },
      { text: "<|im_end|>", type },
    ],
  });
});

it("tells a missing template from another one", async () => {
  const none = await inspect({ removeKeys: ["tokenizer.chat_template"] });
  expect(none).toMatchObject({ template: "none", promptFormat: "chatml" });
  const other = { setStrings: { "tokenizer.chat_template": ALPACA } };
  const facts = await inspect(other);
  expect(facts.template).toBe("other");
  expect(facts.promptFormat).not.toBe("chatml");
  const forced = await inspect(other, { chatTemplate: "chatml" });
  expect(forced).toMatchObject({ template: "other", promptFormat: "chatml" });
});

it("tells a missing end token from one that is no token", async () => {
  const none = await inspect({ removeKeys: ["tokenizer.ggml.eos_token_id"] });
  expect(none.endToken).toBeUndefined();
  expect(none.knownEnds).toContain("<|im_end|>");
  const beyond = await inspect({ setNumbers: { "tokenizer.ggml.eos_token_id": 9_999 } });
  expect(beyond.endToken).toEqual({ text: undefined, isKnownEnd: false });
});

it("can be left", async () => {
  const work = inspect({}, { signal: AbortSignal.abort(new Error("enough")) });
  await expect(work).rejects.toThrow("enough");
});
