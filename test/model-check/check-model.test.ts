import { readFile, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { checkModel } from "../../src/model-check/check-model.ts";
import type { CheckOptions } from "../../src/model-check/check-model.ts";
import { toVerdict } from "../../src/model-check/report.ts";
import type { Line } from "../../src/model-check/report.ts";
import { writeEmbeddingModel } from "../support/embedding-model.ts";
import type { GgufPatch } from "../support/gguf-patch.ts";
import { DEMO_MODEL_PATH } from "../support/model.ts";
import { patchDemoModel } from "../support/vocabulary-model.ts";

async function check(modelPath: string, options: Partial<CheckOptions> = {}): Promise<Line[]> {
  const { signal } = new AbortController();
  const defaults = {
    chatTemplate: "auto",
    contextTokens: undefined,
    gpu: "off",
    threads: 1,
  } as const;
  const lines: Line[] = [];
  for await (const line of checkModel({ modelPath, signal, ...defaults, ...options }))
    lines.push(line);
  return lines;
}

async function checkPatched(patch: GgufPatch, options: Partial<CheckOptions> = {}) {
  await using model = await patchDemoModel(patch);
  return await check(model.path, options);
}

function textsOf(lines: readonly Line[], mark: Line["mark"]): string[] {
  return lines.filter((line) => line.mark === mark).map(({ text }) => text);
}

/** Speed is the machine's own. */
function warningsOf(lines: readonly Line[]): string[] {
  return textsOf(lines, "warning").filter((text) => !/ at [\d.]+ tokens per second/.test(text));
}

describe("the demo model", () => {
  it("is whole, speaks ChatML, stops by itself, and has its speed told", async () => {
    const lines = await check(DEMO_MODEL_PATH);
    expect(textsOf(lines, "fault")).toEqual([]);
    expect(warningsOf(lines)).toEqual([]);
    const report = lines.map(({ text }) => text).join("\n");
    expect(report).toContain("whole GGUF, 3.5 MB");
    expect(report).toContain("A conversation of 2048 tokens takes 10.5 MB of memory.");
    expect(report).toContain("It runs on the processor with 1 thread.");
    expect(report).toContain("It stopped by itself in all of 5 replies.");
    expect(report).toMatch(/It reads prompts at [\d.]+ tokens per second/);
    expect(report).toMatch(/It writes answers at [\d.]+ tokens per second/);
  });

  it("is checked as the settings would have it run", async () => {
    const lines = await check(DEMO_MODEL_PATH, { contextTokens: 512, kvCacheType: "q8_0" });
    expect(warningsOf(lines)).toEqual([
      "A conversation of 512 tokens takes 1.4 MB of memory; that is a short context, soon forgotten.",
    ]);
  });

  it("cannot be used with more context than it was trained on", async () => {
    const lines = await check(DEMO_MODEL_PATH, { contextTokens: 9_000 });
    expect(toVerdict(lines)).toEqual({
      isUsable: false,
      sentence:
        "It cannot be used: CONTEXT_TOKENS is 9000, but this model was trained on 2048: set it to at most 2048.",
    });
  });
});

describe("a copy of it", () => {
  it("without template and with wrong types of tokens works with warnings", async () => {
    const lines = await checkPatched({
      removeKeys: ["tokenizer.chat_template", "tokenizer.ggml.eos_token_id"],
      tokenTypes: { "<|im_start|>": 4, "<|im_end|>": 1 },
    });
    expect(warningsOf(lines)).toEqual([
      "It has no chat template: Familiar's prompts are used, ChatML.",
      expect.stringMatching(/^<\|im_start\|> is user-defined/),
      expect.stringMatching(/^<\|im_end\|> is typed as ordinary text/),
      expect.stringMatching(/^The file names no end token: replies end at .*<\|im_end\|>/),
    ]);
    expect(toVerdict(lines)).toMatchObject({ isUsable: true });
  });

  it("that cannot write text cannot be used", async () => {
    const lines = await checkPatched({ setStrings: { "general.architecture": "t5encoder" } });
    expect(toVerdict(lines).sentence).toMatch(
      /^It cannot be used: The model is of the kind "t5encoder", which cannot write text/,
    );
  });

  it("that llama.cpp cannot read cannot be used", async () => {
    const lines = await checkPatched({ setStrings: { "tokenizer.ggml.model": "novel" } });
    expect(textsOf(lines, "fault")).toEqual([
      "llama.cpp cannot read the model: it is damaged or of a kind that this version does not know.",
    ]);
  });

  it("whose weights are damaged cannot be used", async () => {
    await using model = await patchDemoModel({});
    const bytes = await readFile(model.path);
    await writeFile(model.path, bytes.fill(0, 600_000, 2_600_000));
    const lines = await check(model.path);
    expect(textsOf(lines, "fault").join(" ")).toMatch(/never stops by itself|answers nothing/);
    expect(toVerdict(lines).isUsable).toBe(false);
  });
});

it("rejects where there is no model, and for a GPU that is not there", async () => {
  await expect(check("nowhere.gguf")).rejects.toMatchObject({ code: "model-invalid" });
  const gpu = process.platform === "darwin" ? "cuda" : "metal";
  await expect(check(DEMO_MODEL_PATH, { gpu })).rejects.toThrow(new RegExp(`^GPU=${gpu} is not`));
});

it("can be left in the middle", async () => {
  const controller = new AbortController();
  const onTrialProgress = () => controller.abort(new Error("enough"));
  const { signal } = controller;
  await expect(check(DEMO_MODEL_PATH, { signal, onTrialProgress })).rejects.toThrow("enough");
});

describe("an embedding model", () => {
  it("is told to be one, what it is for, and how it does", async () => {
    await using file = await writeEmbeddingModel({ name: "nomic-embed-text" });
    const lines = await check(file.path);
    expect(textsOf(lines, "fault")).toEqual([]);
    const report = lines.map(({ text }) => text).join("\n");
    expect(report).toMatch(/writes no replies, and so is for EMBEDDING_MODEL, not for MODEL/);
    expect(report).toContain("Its embeddings have 64 dimensions (mean pooling).");
    expect(report).toContain('"search_query: " stands before questions');
    expect(report).toMatch(/reads 256 tokens of a message/);
    expect(report).toMatch(/A message of \d+ words takes [\d.]+ ms/);
    expect(toVerdict(lines).isUsable).toBe(true);
  });
});
