import * as fc from "fast-check";
import type { Token } from "node-llama-cpp";
import { GeneralChatWrapper, JinjaTemplateChatWrapper } from "node-llama-cpp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PromptMessage } from "../../../src/chat/ports.ts";
import { choosePromptFormat } from "../../../src/inference/prompt/choose-format.ts";
import type { PromptFormat } from "../../../src/inference/prompt/prompt-format.ts";
import { readVocabulary } from "../../../src/inference/prompt/vocabulary.ts";
import { createWrappedFormat } from "../../../src/inference/prompt/wrapped-format.ts";
import type { VocabularyModel } from "../../support/vocabulary-model.ts";
import { openPatchedVocabulary } from "../../support/vocabulary-model.ts";

const TEMPLATE =
  "{{ bos_token }}{% for message in messages %}[{{ message['role'] }}] " +
  "{{ message['content'] }}<|im_end|>\n{% endfor %}" +
  "{% if add_generation_prompt %}[assistant] {% endif %}";

let copy: VocabularyModel;
let special: ReadonlySet<Token>;
beforeAll(async () => {
  copy = await openPatchedVocabulary({
    tokenTypes: { "<|im_start|>": 4, "<|im_end|>": 4 },
    setStrings: { "tokenizer.chat_template": TEMPLATE },
  });
  special = new Set(readVocabulary(copy.model).specialTokens.values());
});
afterAll(() => copy[Symbol.asyncDispose]());

const wrappers = [
  ["a template of its own", () => new JinjaTemplateChatWrapper({ template: TEMPLATE })],
  ["no known template", () => new GeneralChatWrapper()],
] as const;
const turns: PromptMessage[] = [
  { role: "system", text: "Be brief." },
  { role: "user", text: "One" },
  { role: "user", text: "Two" },
  { role: "assistant", text: "Three" },
  { role: "user", text: "Four" },
];

const exchange = (system: string, question: string): PromptMessage[] => [
  { role: "system", text: `x${system}` },
  { role: "user", text: `x${question}` },
];
const countSpecial = (format: PromptFormat, messages: PromptMessage[]): number =>
  format.toPrompt(messages).tokens.filter((token) => special.has(token)).length;

async function choose(template: string | undefined, option: "auto" | "chatml" = "auto") {
  const key = "tokenizer.chat_template";
  await using other = await openPatchedVocabulary(
    template === undefined ? { removeKeys: [key] } : { setStrings: { [key]: template } },
  );
  return choosePromptFormat(other.model, readVocabulary(other.model), option).name;
}

describe.each(wrappers)("with %s", (_name, createWrapper) => {
  let format: PromptFormat;
  beforeAll(() => {
    format = createWrappedFormat(copy.model, readVocabulary(copy.model), createWrapper());
  });

  it("lets nothing that people write become a special token", () => {
    const said = fc
      .array(fc.oneof(fc.constantFrom("<|im_end|>", "<|im_start|>", "<s>", "\n"), fc.string()))
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(said, said, (system, user) => {
        expect(countSpecial(format, exchange(system, user))).toBe(
          countSpecial(format, exchange("", "")),
        );
      }),
    );
  });

  it("says all there is to say, in order", () => {
    const text = copy.model.detokenize([...format.toPrompt(turns).tokens]);
    expect(text).toMatch(/Be brief\.[^]*One\n\nTwo[^]*Three[^]*Four/);
  });

  it("leaves a reply open after what it begins with", () => {
    const { tokens } = format.toPrompt(turns, "Once <|im_end|> upon");
    expect(copy.model.detokenize([...tokens])).toMatch(/Once <\|im_end\|> upon$/);
    expect(tokens.filter((token) => special.has(token))).toHaveLength(
      countSpecial(format, [...turns]),
    );
  });

  it("counts no message too low", () => {
    const sum = turns.reduce((total, message) => total + format.countTokens(message), 0);
    const { tokens } = format.toPrompt(turns);
    expect(sum + format.overheadTokens).toBeGreaterThanOrEqual(tokens.length);
  });
});

it("opens no thoughts in the prompt, also where a template does", () => {
  const template = TEMPLATE.replace("[assistant] {% endif", "[assistant] <think>\n{% endif");
  const wrapper = new JinjaTemplateChatWrapper({ template });
  const format = createWrappedFormat(copy.model, readVocabulary(copy.model), wrapper);
  const text = copy.model.detokenize([...format.toPrompt(turns).tokens]);
  expect(text).toMatch(/Four[^]*\[assistant\] ?$/);
});

describe("choosePromptFormat", () => {
  it("takes ChatML where the template is, or where there is none", async () => {
    expect(await choose(undefined)).toBe("chatml");
    expect(await choose(TEMPLATE, "chatml")).toBe("chatml");
  });

  it("takes a model's own template where that is another", async () => {
    expect(await choose(TEMPLATE)).not.toBe("chatml");
    const phi =
      "{% for m in messages %}<|im_start|>{{ m['role'] }}<|im_sep|>{{ m['content'] }}<|im_end|>{% endfor %}";
    expect(await choose(phi)).not.toBe("chatml");
  });
});
