import * as fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { TokenText } from "../../../src/inference/llama/token-text.ts";
import type { VocabularyModel } from "../../support/vocabulary-model.ts";
import { openPatchedVocabulary, openVocabulary } from "../../support/vocabulary-model.ts";

let demo: VocabularyModel;
let spaced: VocabularyModel;
beforeAll(async () => {
  demo = await openVocabulary();
  spaced = await openPatchedVocabulary({ removeKeys: ["tokenizer.ggml.add_space_prefix"] });
});
afterAll(async () => {
  await demo[Symbol.asyncDispose]();
  await spaced[Symbol.asyncDispose]();
});

const text = fc
  .array(fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom("👩‍👩‍👧", "日本語", "é", " ", "\n")))
  .map((parts) => parts.join("").replaceAll(/[\uFFFD▁]/g, ""));

it("gives the text back piece by piece, with every character whole", () => {
  fc.assert(
    fc.property(text, (whole) => {
      const { model } = demo;
      const reply = new TokenText(model, model.tokenize("assistant\n"));
      const pieces = model.tokenize(whole).map((token) => reply.push(token));
      expect(pieces.filter((piece) => piece.includes("\uFFFD"))).toEqual([]);
      expect(pieces.join("")).toBe(whole);
    }),
  );
});

it("keeps the spaces of a model that begins text with one", () => {
  const { model } = spaced;
  const reply = new TokenText(model, model.tokenize("assistant\n"));
  const pieces = model.tokenize("Once upon a time").map((token) => reply.push(token));
  expect(pieces.join("")).toBe(" Once upon a time");
});

it("shows bytes that are no character rather than nothing", () => {
  const { model } = demo;
  const [first] = model.tokenize("日");
  if (first === undefined) throw new Error("no token");
  const reply = new TokenText(model, []);
  const shown = Array.from({ length: 4 }, () => reply.push(first)).join("");
  expect(shown).toBe("\uFFFD".repeat(4));
});
