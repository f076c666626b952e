import fc from "fast-check";
import { expect, it } from "vitest";
import { estimateTokens } from "../../../src/inference/remote/estimate-tokens.ts";

/** Tokens by Llama 3, Qwen 2, Llama 2 (as Mistral) and Gemma, as llama.cpp's vocabularies count. */
it.each<[string, readonly number[]]>([
  [
    "The quick brown fox jumps over the lazy dog, and nobody in the village could remember when it had last slept so well.",
    [25, 25, 28, 25],
  ],
  [
    "Die Geschwindigkeitsbegrenzung gilt außerhalb geschlossener Ortschaften, obwohl Überraschungen möglich sind.",
    [32, 32, 27, 23],
  ],
  ["Съешь ещё этих мягких французских булок, да выпей же чаю.", [19, 24, 22, 18]],
  ["我能吞下玻璃而不伤身体。天地玄黄,宇宙洪荒。", [21, 16, 39, 17]],
  ["키스의 고유조건은 입술끼리 만나야 하고 특별한 기술은 필요치 않다.", [23, 25, 62, 22]],
  ["نص حكيم له سر قاطع وذو شأن عظيم مكتوب على ثوب أخضر", [26, 25, 51, 23]],
  [
    "for (let i = 0; i < items.length; i += 1) {\n    if (items[i] !== undefined) total += items[i]?.value ?? 0;\n}",
    [39, 39, 45, 44],
  ],
  ["3.14159265358979323846 2024-12-31 1,234,567", [22, 43, 44, 43]],
  ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", [43, 59, 60, 59]],
  [
    "aGVsbG8gd29ybGQgdGhpcyBpcyBiYXNlNjQ=QmFzZTY0IGlzIGEgZ3JvdXAgb2Y=zX9kQ2pLmN7vRtY",
    [63, 64, 68, 55],
  ],
  ["😀😂🥰👨‍👩‍👧‍👦🇩🇪🏳️‍🌈🫠🪿", [42, 26, 58, 21]],
  ["!?!?...---===***###@@@ ~~~ ^^ ;;; (){}[]<>", [19, 19, 23, 18]],
])("an estimate is more than what models take: %s", (text, counts) => {
  expect(estimateTokens(text)).toBeGreaterThan(Math.max(...counts));
  expect(estimateTokens(text)).toBeLessThan(5 * Math.min(...counts));
});

it("an estimate grows with the text and stays under its bytes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (text, more) => {
      const tokens = estimateTokens(text);
      expect(tokens).toBeGreaterThanOrEqual(8);
      expect(tokens).toBeLessThanOrEqual(8 + Buffer.byteLength(text));
      expect(estimateTokens(`${text}\n${more}`)).toBeGreaterThanOrEqual(tokens);
    }),
  );
});
