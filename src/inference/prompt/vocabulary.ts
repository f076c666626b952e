import type { LlamaModel, Token } from "node-llama-cpp";
import { CHAT_ML_CONTROL_TEXTS } from "../../chat/prompt/control-text.ts";

/** The tokens of a model that are no text. */
export interface Vocabulary {
  /** By their spelling, whatever type the GGUF gives them. */
  readonly specialTokens: ReadonlyMap<string, Token>;
}

/** https://github.com/ggml-org/ggml/blob/master/docs/gguf.md#ggml */
const UNKNOWN = 2;
const CONTROL = 3;
const USER_DEFINED = 4;

export function readVocabulary(model: LlamaModel): Vocabulary {
  const { tokens, token_type: types } = model.fileInfo.metadata.tokenizer.ggml;
  const { bos, eos, eot } = model.tokens;
  const specialTokens = new Map<string, Token>();
  for (const token of model.iterateAllTokens()) {
    const text = tokens[token] ?? "";
    const isNamed = token === bos || token === eos || token === eot;
    // Some files have no types, whatever the library's own types say.
    const isSpecial = isSpecialType(text, types?.[token]) || isSpecialText(model, token, text);
    if ((isSpecial || isNamed) && text !== "") specialTokens.set(text, token);
  }
  return { specialTokens };
}

function isSpecialType(text: string, type: number | undefined): boolean {
  if (type === CONTROL || type === UNKNOWN) return true;
  return type === USER_DEFINED && isMarkup(text);
}

/** Runs of spaces and single characters are often user-defined, and are text like any other. */
function isMarkup(text: string): boolean {
  return Array.from(text).length > 1 && /[^\s▁]/.test(text);
}

/** llama.cpp knows ends of generation by their spelling, and retypes some tokens when it loads. */
function isSpecialText(model: LlamaModel, token: Token, text: string): boolean {
  if (CHAT_ML_CONTROL_TEXTS.some((controlText) => controlText === text)) return true;
  return text.length > 2 && text.includes("<") && model.isEogToken(token);
}
