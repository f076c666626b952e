import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { GgufTensor, GgufValue } from "./gguf-writer.ts";
import { writeGguf } from "./gguf-writer.ts";
import { createRandomRows, F32_TYPE, Q4_0, Q8_0, rowBytes } from "./random-weights.ts";
import type { Quantisation } from "./random-weights.ts";
import { createVocabulary } from "./synthetic-vocabulary.ts";
import type { Vocabulary } from "./synthetic-vocabulary.ts";

/** To be raised with every change of what is written. */
const REVISION = 1;

const WEIGHT_DEVIATION = 0.02;
const FILE_TYPE_MOSTLY_Q4_0 = 2;

const CHATML_TEMPLATE =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

interface ModelShape {
  readonly layers: number;
  readonly embedding: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly feedForward: number;
  readonly context: number;
}

/** 1.1 billion parameters in 0.6 GiB. */
const TINY_LLAMA: ModelShape = {
  layers: 22,
  embedding: 2_048,
  heads: 32,
  keyValueHeads: 4,
  feedForward: 5_632,
  context: 32_768,
};

/**
 * A model of real size with random weights, written once and found again. It writes syllables
 * without end; its speed is that of a trained one, which does not depend on the weights.
 */
export async function provideSyntheticModel(
  cacheDir: string,
  say: (line: string) => void,
): Promise<string> {
  const path = join(cacheDir, `synthetic-1b-q4_0-${REVISION}.gguf`);
  if (existsSync(path)) return path;
  say(`Writing a model with random weights to ${path} ...`);
  await mkdir(cacheDir, { recursive: true });
  await writeSyntheticModel(path, TINY_LLAMA);
  return path;
}

async function writeSyntheticModel(path: string, shape: ModelShape): Promise<void> {
  const vocabulary = createVocabulary();
  const entries = toEntries(shape, vocabulary);
  await writeGguf(path, { entries, tensors: toTensors(shape, vocabulary) });
}

function toEntries(shape: ModelShape, vocabulary: Vocabulary): ReadonlyMap<string, GgufValue> {
  const text = (value: string): GgufValue => ({ type: "string", value });
  const whole = (value: number): GgufValue => ({ type: "uint32", value });
  const real = (value: number): GgufValue => ({ type: "float32", value });
  return new Map([
    ["general.architecture", text("llama")],
    ["general.name", text("Synthetic 1B")],
    ["general.file_type", whole(FILE_TYPE_MOSTLY_Q4_0)],
    ["llama.vocab_size", whole(vocabulary.tokens.length)],
    ["llama.context_length", whole(shape.context)],
    ["llama.embedding_length", whole(shape.embedding)],
    ["llama.block_count", whole(shape.layers)],
    ["llama.feed_forward_length", whole(shape.feedForward)],
    ["llama.attention.head_count", whole(shape.heads)],
    ["llama.attention.head_count_kv", whole(shape.keyValueHeads)],
    ["llama.attention.layer_norm_rms_epsilon", real(1e-5)],
    ["llama.rope.dimension_count", whole(shape.embedding / shape.heads)],
    ["llama.rope.freq_base", real(10_000)],
    ["tokenizer.ggml.model", text("llama")],
    ["tokenizer.ggml.pre", text("default")],
    ["tokenizer.ggml.tokens", { type: "strings", value: vocabulary.tokens }],
    ["tokenizer.ggml.scores", { type: "float32s", value: vocabulary.scores }],
    ["tokenizer.ggml.token_type", { type: "int32s", value: vocabulary.types }],
    ["tokenizer.ggml.unknown_token_id", whole(vocabulary.unknownId)],
    ["tokenizer.ggml.bos_token_id", whole(vocabulary.beginId)],
    ["tokenizer.ggml.eos_token_id", whole(vocabulary.endOfTurnId)],
    ["tokenizer.ggml.add_bos_token", { type: "bool", value: true }],
    ["tokenizer.ggml.add_eos_token", { type: "bool", value: false }],
    ["tokenizer.chat_template", text(CHATML_TEMPLATE)],
  ]);
}

interface MatrixSpec {
  readonly rows: number;
  readonly columns: number;
  readonly quantisation?: Quantisation;
  readonly isZero?: (row: number) => boolean;
}

function toTensors(shape: ModelShape, vocabulary: Vocabulary): readonly GgufTensor[] {
  const { embedding, feedForward, heads, keyValueHeads, layers } = shape;
  const rows = vocabulary.tokens.length;
  const keyValues = (embedding / heads) * keyValueHeads;
  const { isSilent } = vocabulary;
  let seed = 0;
  const matrix = (name: string, spec: MatrixSpec): GgufTensor =>
    toMatrix(`${name}.weight`, spec, (seed += 1));
  return [
    matrix("token_embd", { rows, columns: embedding }),
    toOnes("output_norm.weight", embedding),
    matrix("output", { rows, columns: embedding, quantisation: Q8_0, isZero: isSilent }),
    ...Array.from({ length: layers }, (_, layer) => `blk.${layer}`).flatMap((block) => [
      toOnes(`${block}.attn_norm.weight`, embedding),
      matrix(`${block}.attn_q`, { rows: embedding, columns: embedding }),
      matrix(`${block}.attn_k`, { rows: keyValues, columns: embedding }),
      matrix(`${block}.attn_v`, { rows: keyValues, columns: embedding }),
      matrix(`${block}.attn_output`, { rows: embedding, columns: embedding }),
      toOnes(`${block}.ffn_norm.weight`, embedding),
      matrix(`${block}.ffn_gate`, { rows: feedForward, columns: embedding }),
      matrix(`${block}.ffn_up`, { rows: feedForward, columns: embedding }),
      matrix(`${block}.ffn_down`, { rows: embedding, columns: feedForward }),
    ]),
  ];
}

function toMatrix(name: string, spec: MatrixSpec, seed: number): GgufTensor {
  const quantisation = spec.quantisation ?? Q4_0;
  const matrix = { ...spec, quantisation, deviation: WEIGHT_DEVIATION, seed };
  return {
    name,
    dimensions: [spec.columns, spec.rows],
    typeNumber: quantisation.typeNumber,
    bytes: spec.rows * rowBytes(matrix),
    data: () => createRandomRows(matrix),
  };
}

function toOnes(name: string, length: number): GgufTensor {
  const ones = new Float32Array(length).fill(1);
  const bytes = new Uint8Array(ones.buffer);
  return {
    name,
    dimensions: [length],
    typeNumber: F32_TYPE,
    bytes: bytes.length,
    data: () => [bytes],
  };
}
