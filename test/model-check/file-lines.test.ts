import { describe, expect, it } from "vitest";
import { toFileLines, toFitLines } from "../../src/model-check/file-lines.ts";
import type { ModelFacts } from "../../src/model-check/inspect-model.ts";
import { ok, warning } from "../../src/model-check/report.ts";

const MISTRAL: ModelFacts = {
  architecture: "llama",
  parameters: 7_241_740_288,
  quantisation: "Q4_K_M",
  commonType: "Q4_K",
  bitsPerParameter: 4.83,
  trainedTokens: 32_768,
};
const WHOLE = { bytes: 4_368_000_000, parts: 1 };

function describeFile(changes: Partial<ModelFacts>) {
  return toFileLines("model.gguf", WHOLE, { ...MISTRAL, ...changes });
}

describe("of a file", () => {
  it("everything is said in a sentence each", () => {
    expect(describeFile({})).toEqual([
      ok("The file model.gguf is a whole GGUF, 4.4 GB."),
      ok("Its architecture is llama."),
      ok("It has 7.2 billion parameters."),
      ok("Its weights are stored as Q4_K_M (mostly Q4_K, 4.8 bits each)."),
      ok("It was trained on contexts of 32768 tokens."),
    ]);
  });

  it("the parts are counted", () => {
    const [line] = toFileLines("model.gguf", { bytes: 9e10, parts: 3 }, MISTRAL);
    expect(line).toEqual(ok("The file model.gguf is a whole GGUF, 90.0 GB in 3 parts."));
  });

  it.each([
    [512, "512"],
    [3_193_088, "3.2 million"],
    [1.1e9, "1.1 billion"],
    [1.03e12, "1.0 trillion"],
  ])("%d parameters read as people say them", (parameters, text) => {
    expect(describeFile({ parameters })).toContainEqual(ok(`It has ${text} parameters.`));
  });

  it("a quantisation below four bits is a warning", () => {
    const facts = { quantisation: "Q2_K", commonType: "Q2_K", bitsPerParameter: 2.96 };
    expect(describeFile(facts)).toContainEqual(
      warning(
        "Its weights are stored as Q2_K (mostly Q2_K, 3.0 bits each): below 4 bits, answers suffer visibly.",
      ),
    );
  });

  it("a quantisation that nobody names is told by its tensors", () => {
    expect(describeFile({ quantisation: undefined })).toContainEqual(
      ok("Its weights are mostly Q4_K, 4.8 bits each."),
    );
    expect(describeFile({ commonType: "type 99", bitsPerParameter: undefined })).toContainEqual(
      ok("Its weights are stored as Q4_K_M (mostly type 99)."),
    );
  });

  it("a missing context is a warning", () => {
    expect(describeFile({ trainedTokens: undefined })).toContainEqual(
      warning("The file does not say how many tokens of context it was trained on."),
    );
  });
});

describe("of its fit", () => {
  it("memory and number of conversations are said", () => {
    const fit = { contextTokens: 4096, conversationBytes: 536_870_912, conversations: 3 };
    expect(toFitLines(fit)).toEqual([
      ok("A conversation of 4096 tokens takes 537 MB of memory."),
      ok("The free memory holds 3 conversations at once."),
    ]);
  });

  it("the count ends where the search does", () => {
    const fit = { contextTokens: 4096, conversationBytes: 1_000, conversations: 16 };
    expect(toFitLines(fit)).toContainEqual(
      ok("The free memory holds 16 or more conversations at once."),
    );
  });

  it("a short context and a single conversation are warnings", () => {
    const fit = { contextTokens: 512, conversationBytes: 67_000_000, conversations: 1 };
    expect(toFitLines(fit)).toEqual([
      warning(
        "A conversation of 512 tokens takes 67.0 MB of memory; that is a short context, soon forgotten.",
      ),
      warning(
        "The free memory holds one conversation at once: others are read again at each turn.",
      ),
    ]);
  });
});
