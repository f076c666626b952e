import { chooseEmbeddingPrompts } from "../inference/embedding/embedding-prompts.ts";
import type { EmbeddingFinding } from "../inference/embedding/inspect-embedding.ts";
import type { LlamaEmbedder } from "../inference/embedding/llama-embedder.ts";
import { openOwnEmbedder } from "../inference/embedding/own-embedder.ts";
import { formatBytes } from "../inference/model/format-bytes.ts";
import type { LlamaSettings } from "../inference/llama/load-llama.ts";
import { ok } from "./report.ts";
import type { Line } from "./report.ts";

type Embedding = Extract<EmbeddingFinding, { kind: "embedding" }>;

interface EmbeddingCheck extends LlamaSettings {
  readonly modelPath: string;
  readonly signal: AbortSignal;
}

const ROUNDS = 5;
const TEXT =
  "We went to the lake on Sunday and had a picnic until it began to rain, so we ran back to the old car.";

/** What a model is for that writes no text, and how it does. */
export async function* checkEmbedding(
  found: Embedding,
  check: EmbeddingCheck,
): AsyncGenerator<Line, void> {
  yield ok(
    "It is an embedding model: it writes no replies, and so is for EMBEDDING_MODEL, not for MODEL. With it, Familiar finds old messages by what they mean.",
  );
  yield ok(`Its embeddings have ${found.dimensions} dimensions (${found.pooling} pooling).`);
  yield toPromptLine(found);
  await using own = await openOwnEmbedder(check);
  const { contextTokens, memory } = own.embedder;
  yield ok(
    `It takes ${formatBytes(memory.ramBytes + memory.vramBytes)} of memory and reads ${contextTokens} tokens of a message.`,
  );
  const ms = await measure(own.embedder, check.signal);
  yield ok(`A message of ${TEXT.split(" ").length} words takes ${ms.toFixed(ms < 10 ? 1 : 0)} ms.`);
}

function toPromptLine({ names }: Embedding): Line {
  const { question, turn } = chooseEmbeddingPrompts(names);
  const isPlain = question === "" && turn === "";
  return ok(
    isPlain
      ? "Texts are given to it as they are: no words for its family are known that would have to stand before them."
      : `By its name, ${JSON.stringify(question)} stands before questions and ${JSON.stringify(turn)} before messages.`,
  );
}

/** The first text is slower: the model's file is read with it. */
async function measure(embedder: LlamaEmbedder, signal: AbortSignal): Promise<number> {
  await embedder.embed([TEXT], "turn", signal);
  const start = performance.now();
  await embedder.embed(
    Array.from({ length: ROUNDS }, () => TEXT),
    "turn",
    signal,
  );
  return (performance.now() - start) / ROUNDS;
}
