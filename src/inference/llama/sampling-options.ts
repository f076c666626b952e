import { randomInt } from "node:crypto";
import type { LlamaGrammarEvaluationState, SequenceEvaluateOptions, Token } from "node-llama-cpp";
import type { Sampling } from "../../chat/sampling.ts";

/** How far back a repeat penalty looks. */
const PENALISED_TOKENS = 64;
const SEEDS = 2 ** 32;

/** @param written the tokens of the reply so far, as it grows */
export function toEvaluateOptions(
  { minP, repeatPenalty, seed, temperature, topK, topP }: Sampling,
  written: readonly Token[],
  grammar: LlamaGrammarEvaluationState | undefined,
): SequenceEvaluateOptions {
  return {
    temperature,
    topP,
    topK,
    minP,
    seed: seed ?? randomInt(SEEDS),
    ...(grammar === undefined ? {} : { grammarEvaluationState: grammar }),
    ...(repeatPenalty === 1
      ? {}
      : {
          repeatPenalty: {
            penalty: repeatPenalty,
            punishTokens: () => written.slice(-PENALISED_TOKENS),
            maxPunishTokens: PENALISED_TOKENS,
          },
        }),
  };
}
