import type { LlamaModel, Token } from "node-llama-cpp";
import type { ControlToken, PromptSegment } from "../../chat/prompt/chat-ml.ts";
import { REPLY_HEADER, toChatMl, toChatMlTurn } from "../../chat/prompt/chat-ml.ts";
import { CHAT_ML_CONTROL_TEXTS } from "../../chat/prompt/control-text.ts";
import { FamiliarError } from "../../chat/errors.ts";
import type { PromptMessage } from "../../chat/ports.ts";
import type { PromptFormat } from "./prompt-format.ts";
import { createTextTokenizer } from "./text-tokenizer.ts";
import type { Vocabulary } from "./vocabulary.ts";

export function hasChatMlTokens({ specialTokens }: Vocabulary): boolean {
  return CHAT_ML_CONTROL_TEXTS.every((text) => specialTokens.has(text));
}

/** @throws {FamiliarError} `model-invalid` for a vocabulary without the two control tokens */
export function createChatMlFormat(model: LlamaModel, vocabulary: Vocabulary): PromptFormat {
  const control: Readonly<Record<ControlToken, Token>> = {
    "<|im_start|>": requireControl(vocabulary, "<|im_start|>"),
    "<|im_end|>": requireControl(vocabulary, "<|im_end|>"),
  };
  const text = createTextTokenizer(model, vocabulary);
  const toTokens = (segments: readonly PromptSegment[]): Token[] =>
    segments.flatMap((segment) =>
      segment.kind === "control" ? [control[segment.name]] : text.tokenize(segment.text),
    );
  const countSystemTokens = ([first]: readonly PromptMessage[]): number =>
    first?.role === "system" ? toTokens(toChatMlTurn(first)).length : 0;
  const { bos, shouldPrependBosToken } = model.tokens;
  const beginning = shouldPrependBosToken && bos !== null ? [bos] : [];
  const stopTokens = new Set(Object.values(control));

  return {
    name: "chatml",
    overheadTokens: beginning.length + toTokens(REPLY_HEADER).length,
    countTokens: (message) => toTokens(toChatMlTurn(message)).length,
    toPrompt: (messages, continues) => ({
      tokens: [...beginning, ...toTokens(toChatMl(messages, continues))],
      stopTokens,
      stopTexts: CHAT_ML_CONTROL_TEXTS,
      systemTokens: beginning.length + countSystemTokens(messages),
    }),
  };
}

function requireControl({ specialTokens }: Vocabulary, name: ControlToken): Token {
  const token = specialTokens.get(name);
  if (token !== undefined) return token;
  throw new FamiliarError(
    "model-invalid",
    `The model has no ${name} token, so it cannot speak ChatML: set CHAT_TEMPLATE=auto, or choose another MODEL.`,
  );
}
