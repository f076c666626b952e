import type { Engine } from "../../chat/ports.ts";
import { FamiliarError } from "../../chat/errors.ts";
import { assertGguf } from "../model/gguf-file.ts";
import { choosePromptFormat } from "../prompt/choose-format.ts";
import { readVocabulary } from "../prompt/vocabulary.ts";
import { nameCountBasis } from "./llama-facts.ts";
import { loadLlama } from "./load-llama.ts";

/** Counts tokens as the model of a GGUF file does. */
export interface LocalTokenizer
  extends Pick<Engine, "countBasis" | "countTokens" | "overheadTokens">, AsyncDisposable {}

export interface TokenizerOptions {
  readonly modelPath: string;
  readonly chatTemplate: "auto" | "chatml";
  readonly signal: AbortSignal;
}

/**
 * Loads a model's vocabulary and none of its weights, for a server that runs the same model and
 * does not tell how it counts.
 *
 * @throws {FamiliarError} `model-invalid`
 */
export async function openTokenizer(options: TokenizerOptions): Promise<LocalTokenizer> {
  const { chatTemplate, modelPath, signal } = options;
  await assertGguf(modelPath);
  const llama = await loadLlama({ gpu: "off", threads: 1 });
  try {
    const model = await llama.loadModel({ modelPath, vocabOnly: true, loadSignal: signal });
    const format = choosePromptFormat(model, readVocabulary(model), chatTemplate);
    return {
      countBasis: nameCountBasis(model, format),
      overheadTokens: format.overheadTokens,
      countTokens: (message) => Promise.resolve(format.countTokens(message)),
      [Symbol.asyncDispose]: () => llama.dispose(),
    };
  } catch (error) {
    await llama.dispose();
    signal.throwIfAborted();
    if (error instanceof FamiliarError) throw error;
    const message = "The vocabulary of MODEL cannot be read: choose another file, or unset MODEL.";
    throw new FamiliarError("model-invalid", message, { cause: error });
  }
}
