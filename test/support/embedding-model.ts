import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeGguf } from "../../bench/support/gguf-writer.ts";
import type { GgufTensor, GgufValue } from "../../bench/support/gguf-writer.ts";

const F32_TYPE = 0;
const CONTEXT_TOKENS = 256;
const FEED_FORWARD = 32;
const MEAN_POOLING = 1;

/** Each line's words mean the same; the words of different lines have nothing in common. */
const MEANINGS = [
  ["car", "automobile", "vehicle"],
  ["dog", "puppy", "hound"],
  ["doctor", "physician"],
  ["sad", "unhappy", "gloomy"],
  ["buy", "bought", "purchased"],
  ["sister", "sibling"],
  ["rain", "drizzle"],
  ["cook", "recipe"],
  ["garden", "lawn"],
  ["guitar", "banjo"],
] as const;

const [PAD, UNKNOWN, BEGIN, SEPARATOR] = [0, 1, 2, 3];
const SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"];
/** One for each meaning and its opposite, as a model's layer takes the mean away. */
const DIMENSIONS = 64;

export interface EmbeddingModelFile extends AsyncDisposable {
  readonly path: string;
}

export interface EmbeddingModelShape {
  /** What the file calls itself. */
  readonly name?: string;
  /** llama.cpp's number; undefined: the file does not say. Default: mean. */
  readonly pooling?: number | undefined;
}

/**
 * A model of the architecture "bert" that llama.cpp runs as any other: what a text means is the mean of
 * the meanings of its words, of which it knows few. It lasts as long as the result.
 */
export async function writeEmbeddingModel(
  shape: EmbeddingModelShape = {},
): Promise<EmbeddingModelFile> {
  const folder = await mkdtemp(join(tmpdir(), "familiar-embedding-"));
  const path = join(folder, "few-words.gguf");
  await writeGguf(path, { entries: toEntries(shape), tensors: toTensors() });
  return { path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, maxRetries: 3 }) };
}

/** Whole words begin with SentencePiece's sign for a space. */
function toVocabulary(): readonly string[] {
  return [...SPECIAL, ...MEANINGS.flat().map((word) => `▁${word}`)];
}

function toEntries(shape: EmbeddingModelShape): ReadonlyMap<string, GgufValue> {
  const text = (value: string): GgufValue => ({ type: "string", value });
  const whole = (value: number): GgufValue => ({ type: "uint32", value });
  const tokens = toVocabulary();
  const pooling = "pooling" in shape ? shape.pooling : MEAN_POOLING;
  return new Map<string, GgufValue>([
    ["general.architecture", text("bert")],
    ["general.name", text(shape.name ?? "Few words")],
    ["bert.context_length", whole(CONTEXT_TOKENS)],
    ["bert.embedding_length", whole(DIMENSIONS)],
    ["bert.block_count", whole(1)],
    ["bert.feed_forward_length", whole(FEED_FORWARD)],
    ["bert.attention.head_count", whole(2)],
    ["bert.attention.layer_norm_epsilon", { type: "float32", value: 1e-5 }],
    ["bert.attention.causal", { type: "bool", value: false }],
    ...(pooling === undefined ? [] : ([["bert.pooling_type", whole(pooling)]] as const)),
    ["tokenizer.ggml.model", text("bert")],
    ["tokenizer.ggml.pre", text("default")],
    ["tokenizer.ggml.tokens", { type: "strings", value: tokens }],
    ["tokenizer.ggml.token_type", { type: "int32s", value: tokens.map((_, id) => toType(id)) }],
    ["tokenizer.ggml.scores", { type: "float32s", value: tokens.map(() => 0) }],
    ["tokenizer.ggml.token_type_count", whole(2)],
    ["tokenizer.ggml.padding_token_id", whole(PAD)],
    ["tokenizer.ggml.unknown_token_id", whole(UNKNOWN)],
    ["tokenizer.ggml.bos_token_id", whole(BEGIN)],
    ["tokenizer.ggml.cls_token_id", whole(BEGIN)],
    ["tokenizer.ggml.eos_token_id", whole(SEPARATOR)],
    ["tokenizer.ggml.seperator_token_id", whole(SEPARATOR)],
  ]);
}

/** llama.cpp's token types: normal, unknown, control. */
function toType(id: number): number {
  if (id >= SPECIAL.length) return 1;
  return id === UNKNOWN ? 2 : 3;
}

/** Attention and the network after it add nothing: each word keeps its own meaning. */
function toTensors(): readonly GgufTensor[] {
  const block = (name: string, dimensions: readonly number[], value = 0): GgufTensor[] => [
    toTensor(`blk.0.${name}.weight`, dimensions, () => value),
    toTensor(`blk.0.${name}.bias`, [dimensions.at(-1) ?? 0], () => 0),
  ];
  const tokens = toVocabulary().length;
  const square = [DIMENSIONS, DIMENSIONS];
  return [
    toTensor("token_embd.weight", [DIMENSIONS, tokens], toMeaning),
    toTensor("token_types.weight", [DIMENSIONS, 2], () => 0),
    toTensor("position_embd.weight", [DIMENSIONS, CONTEXT_TOKENS], () => 0),
    toTensor("token_embd_norm.weight", [DIMENSIONS], () => 1),
    toTensor("token_embd_norm.bias", [DIMENSIONS], () => 0),
    ...["attn_q", "attn_k", "attn_v", "attn_output"].flatMap((name) => block(name, square)),
    ...block("attn_output_norm", [DIMENSIONS], 1),
    ...block("ffn_up", [DIMENSIONS, FEED_FORWARD]),
    ...block("ffn_down", [FEED_FORWARD, DIMENSIONS]),
    ...block("layer_output_norm", [DIMENSIONS], 1),
  ];
}

/** Words that are not known mean nothing, and what begins and ends a text means the same for all. */
function toMeaning(index: number): number {
  const id = Math.floor(index / DIMENSIONS);
  const dimension = index % DIMENSIONS;
  const word = MEANINGS.flat()[id - SPECIAL.length];
  const meaning = MEANINGS.findIndex((words) => words.some((each) => each === word));
  const axis = meaning < 0 ? MEANINGS.length : meaning;
  if (id === UNKNOWN || id === PAD || Math.floor(dimension / 2) !== axis) return 0;
  return dimension % 2 === 0 ? 1 : -1;
}

function toTensor(
  name: string,
  dimensions: readonly number[],
  valueAt: (index: number) => number,
): GgufTensor {
  const length = dimensions.reduce((product, size) => product * size, 1);
  const bytes = new Uint8Array(Float32Array.from({ length }, (_, index) => valueAt(index)).buffer);
  return { name, dimensions, typeNumber: F32_TYPE, bytes: bytes.length, data: () => [bytes] };
}
