import type { GgufFileInfo } from "node-llama-cpp";

/** llama.cpp's `enum llama_pooling_type`. */
const POOLING = new Map<number, string>([
  [1, "mean"],
  [2, "cls"],
  [3, "last"],
]);
const RANKING = 4;

export type EmbeddingFinding =
  | {
      readonly kind: "embedding";
      /** How the vectors of a text's tokens become one. */
      readonly pooling: string;
      readonly dimensions: number;
      readonly trainedTokens: number | undefined;
      readonly names: readonly string[];
    }
  | { readonly kind: "other"; readonly reason: string };

/** From the header of a model's file; a sentence's end in "reason" is the caller's. */
export function inspectEmbedding(info: GgufFileInfo): EmbeddingFinding {
  const { architectureMetadata, metadata } = info;
  const { basename, name } = metadata.general;
  const {
    context_length: trainedTokens,
    embedding_length: dimensions,
    pooling_type: type,
  } = architectureMetadata;
  if (Number(type) === RANKING) return other("it compares two texts (a reranker) and embeds none");
  const pooling = POOLING.get(type ?? 0);
  if (pooling === undefined || dimensions === undefined) return other(explainPooling(info));
  const names = [name, basename].filter((each) => each !== undefined);
  return { kind: "embedding", pooling, dimensions, trainedTokens, names };
}

function explainPooling({ architectureMetadata }: GgufFileInfo): string {
  return architectureMetadata.attention?.causal === false
    ? "its file does not say how the vectors of a text's tokens become one (pooling_type)"
    : "it writes text";
}

function other(reason: string): EmbeddingFinding {
  return { kind: "other", reason };
}
