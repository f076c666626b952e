import type { Llama, LlamaModel } from "node-llama-cpp";
import { CHAT_ML_CONTROL_TEXTS } from "../chat/prompt/control-text.ts";
import { choosePromptFormat } from "../inference/prompt/choose-format.ts";
import { readVocabulary } from "../inference/prompt/vocabulary.ts";

/** How a model is spoken to and how it ends, as far as that can be known before it speaks. */
export interface VocabularyFacts {
  readonly template: "none" | "chatml" | "other";
  /** Of the prompts that it will get: `chatml` for Familiar's own, else a wrapper of the library. */
  readonly promptFormat: string;
  readonly controlTokens: readonly ControlTokenFact[];
  /** Undefined where the file names none. */
  readonly endToken: EndTokenFact | undefined;
  /** Spellings of all tokens at which llama.cpp ends a reply. */
  readonly knownEnds: readonly string[];
}

export interface ControlTokenFact {
  readonly text: string;
  /** As in the GGUF: 1 normal, 3 control, 4 user-defined. Undefined: there is no such token. */
  readonly type: number | undefined;
}

interface EndTokenFact {
  /** Undefined: the file has no token of this number. */
  readonly text: string | undefined;
  readonly isKnownEnd: boolean;
}

export interface VocabularyOptions {
  readonly modelPath: string;
  readonly chatTemplate: "auto" | "chatml";
  readonly signal: AbortSignal;
}

/**
 * Loads the vocabulary without the weights.
 *
 * @throws {FamiliarError} `model-invalid` for one in which prompts cannot be written as the
 * settings want them
 * @throws {Error} for one that llama.cpp cannot read
 * @throws the signal's reason once it is aborted
 */
export async function inspectVocabulary(
  llama: Llama,
  { modelPath, chatTemplate, signal }: VocabularyOptions,
): Promise<VocabularyFacts> {
  const model = await llama.loadModel({ modelPath, vocabOnly: true, loadSignal: signal });
  try {
    const vocabulary = readVocabulary(model);
    const own = choosePromptFormat(model, vocabulary, "auto").name;
    const hasTemplate = model.fileInfo.metadata.tokenizer.chat_template !== undefined;
    const ownKind = own === "chatml" ? "chatml" : "other";
    return {
      template: hasTemplate ? ownKind : "none",
      promptFormat: choosePromptFormat(model, vocabulary, chatTemplate).name,
      ...inspectTokens(model),
    };
  } finally {
    await model.dispose();
  }
}

type TokenFacts = Pick<VocabularyFacts, "controlTokens" | "endToken" | "knownEnds">;

function inspectTokens(model: LlamaModel): TokenFacts {
  const { ggml } = model.fileInfo.metadata.tokenizer;
  const ends = Array.from(model.iterateAllTokens()).filter((token) => model.isEogToken(token));
  const endId = ggml.eos_token_id;
  return {
    controlTokens: CHAT_ML_CONTROL_TEXTS.toReversed().map((text) => ({
      text,
      type: findType(ggml, text),
    })),
    endToken:
      endId === undefined
        ? undefined
        : { text: ggml.tokens[endId], isKnownEnd: ends.some((token) => Number(token) === endId) },
    knownEnds: ends.map((token) => ggml.tokens[token] ?? "").filter((text) => text !== ""),
  };
}

type Ggml = LlamaModel["fileInfo"]["metadata"]["tokenizer"]["ggml"];

function findType({ tokens, token_type: types }: Ggml, text: string): number | undefined {
  const id = tokens.indexOf(text);
  return id === -1 ? undefined : types?.[id];
}
