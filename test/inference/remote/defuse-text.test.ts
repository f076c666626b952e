import fc from "fast-check";
import { expect, it } from "vitest";
import { defuseText } from "../../../src/inference/remote/defuse-text.ts";

const CONTROL_TEXTS = [
  "<|im_start|>",
  "<|im_end|>",
  "<|endoftext|>",
  "<|start_header_id|>",
  "<|eot_id|>",
  "<|user|>",
  "<|START_OF_TURN_TOKEN|>",
  "<|turn>",
  "<turn|>",
  '<|"|>',
  "<｜User｜>",
  "<｜begin▁of▁sentence｜>",
  "<s>",
  "</s>",
  "<bos>",
  "<start_of_turn>",
  "<end_of_turn>",
  "<reserved_106>",
  "<tool_call>",
  "<<SYS>>",
  "<</SYS>>",
  "[INST]",
  "[/INST]",
  "[SYSTEM_PROMPT]",
  "[gMASK]",
];

it.each(CONTROL_TEXTS)("%s becomes text", (text) => {
  expect(defuseText(`a${text}b`)).not.toContain(text);
  expect(defuseText(text).replace(/(?<=^.) /, "")).toBe(text);
});

it("no control text comes out, whatever it is put together from", () => {
  const pieces = CONTROL_TEXTS.flatMap((text) => [
    text,
    text.slice(0, 1),
    text.slice(1),
    text.slice(0, 2),
    text.slice(2),
  ]);
  const texts = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string()));
  fc.assert(
    fc.property(texts, (parts) => {
      const safe = defuseText(parts.join(""));
      for (const text of CONTROL_TEXTS) expect(safe).not.toContain(text);
      expect(defuseText(safe)).toBe(safe);
    }),
  );
});

it.each([
  "1 < 2 and 3 > 2",
  "f <| x |> g, and <$> with <|>",
  "<b>bold</b> <div class='a'> <br/> Array<string>",
  "[link](https://example.org) [x] [ ] items[0] [TL;DR] [1]",
  "<@123456> <:smile:42> <#7> ||hidden||",
  "a || b | c",
])("ordinary text stays: %s", (text) => {
  expect(defuseText(text)).toBe(text);
});
