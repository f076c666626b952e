import { describe, expect, it } from "vitest";
import type { VocabularyFacts } from "../../src/model-check/inspect-vocabulary.ts";
import { ok, warning } from "../../src/model-check/report.ts";
import { toVocabularyLines } from "../../src/model-check/vocabulary-lines.ts";

const CHAT_ML: VocabularyFacts = {
  template: "chatml",
  promptFormat: "chatml",
  controlTokens: [
    { text: "<|im_start|>", type: 3 },
    { text: "<|im_end|>", type: 3 },
  ],
  endToken: { text: "<|im_end|>", isKnownEnd: true },
  knownEnds: ["<|im_end|>"],
};
const LLAMA: VocabularyFacts = {
  template: "other",
  promptFormat: "Llama3",
  controlTokens: [
    { text: "<|im_start|>", type: undefined },
    { text: "<|im_end|>", type: undefined },
  ],
  endToken: { text: "<|eot_id|>", isKnownEnd: true },
  knownEnds: ["<|eot_id|>", "<|end_of_text|>"],
};

function describeVocabulary(changes: Partial<VocabularyFacts>, base = CHAT_ML) {
  return toVocabularyLines({ ...base, ...changes });
}

it("finds nothing wrong with a ChatML model as it should be", () => {
  expect(describeVocabulary({})).toEqual([
    ok("Its chat template equals Familiar's, ChatML: Familiar's prompts are used."),
    ok("<|im_start|> is there as a control token."),
    ok("<|im_end|> is there as a control token."),
    ok("The end token is <|im_end|>: llama.cpp ends replies there."),
  ]);
});

it("finds nothing wrong with a model that has a template of its own", () => {
  expect(describeVocabulary({}, LLAMA)).toEqual([
    ok(
      "Its chat template is not Familiar's: its own prompts are used, in the form Llama3 of node-llama-cpp.",
    ),
    ok("It has no <|im_start|> token, and its prompts need none."),
    ok("It has no <|im_end|> token, and its prompts need none."),
    ok("The end token is <|eot_id|>: llama.cpp ends replies there."),
  ]);
});

describe("warns of a chat template", () => {
  it("that is missing, and says which prompts are used", () => {
    expect(describeVocabulary({ template: "none" })).toContainEqual(
      warning("It has no chat template: Familiar's prompts are used, ChatML."),
    );
    expect(describeVocabulary({ template: "none", promptFormat: "General" }, LLAMA)).toContainEqual(
      warning(
        "It has no chat template and speaks no ChatML: prompts are written in the form General of node-llama-cpp.",
      ),
    );
  });

  it("that the settings overrule", () => {
    expect(describeVocabulary({ template: "other" })).toContainEqual(
      warning(
        "Its chat template is not ChatML, but CHAT_TEMPLATE=chatml: Familiar's prompts are used, which it may not know.",
      ),
    );
  });
});

describe("warns of a control token that is typed", () => {
  function describeType(type: number, base = CHAT_ML) {
    return describeVocabulary({ controlTokens: [{ text: "<|im_start|>", type }] }, base)[1];
  }

  it("user-defined", () => {
    expect(describeType(4)).toEqual(
      warning(
        "<|im_start|> is user-defined, no control token: llama.cpp finds it in people's text as well, so Familiar cuts it up there.",
      ),
    );
  });

  it("normal", () => {
    expect(describeType(1)).toEqual(
      warning(
        "<|im_start|> is typed as ordinary text, no control token: Familiar puts it into prompts by its number.",
      ),
    );
    expect(describeType(1, LLAMA)).toEqual(
      warning(
        "<|im_start|> is typed as ordinary text, no control token: its own template may not find it.",
      ),
    );
  });

  it("as nothing that it could be", () => {
    expect(describeType(6)).toEqual(
      warning("<|im_start|> has the odd token type 6: Familiar treats it as control."),
    );
  });
});

describe("says of the end token", () => {
  function describeEnd(changes: Partial<VocabularyFacts>, base = CHAT_ML) {
    return describeVocabulary(changes, base).at(-1);
  }

  it("where else a ChatML reply ends", () => {
    expect(describeEnd({ endToken: { text: "</s>", isKnownEnd: true } })).toEqual(
      ok(
        "The end token is </s>: llama.cpp ends replies there, and Familiar at <|im_end|> as well.",
      ),
    );
  });

  it("that it is missing, and where replies end instead", () => {
    expect(describeEnd({ endToken: undefined })).toEqual(
      warning("The file names no end token: replies end at <|im_end|>."),
    );
    expect(describeEnd({ endToken: undefined }, LLAMA)).toEqual(
      warning("The file names no end token: replies end at <|eot_id|>, <|end_of_text|>."),
    );
    expect(describeEnd({ endToken: undefined, knownEnds: [] }, LLAMA)).toEqual(
      warning("The file names no end token: a reply goes on until MAX_REPLY_TOKENS."),
    );
  });

  it("that there is no such token", () => {
    expect(describeEnd({ endToken: { text: undefined, isKnownEnd: false } })).toEqual(
      warning("The file's end token is none of its tokens: replies end at <|im_end|>."),
    );
  });

  it("that llama.cpp does not know it", () => {
    expect(describeEnd({ endToken: { text: "stop", isKnownEnd: false } })).toEqual(
      warning("llama.cpp does not end a reply at the end token stop: replies end at <|im_end|>."),
    );
  });
});
