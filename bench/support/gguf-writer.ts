import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { rename } from "node:fs/promises";
import { finished } from "node:stream/promises";

/** @see https://github.com/ggml-org/ggml/blob/master/docs/gguf.md */
const MAGIC = "GGUF";
const VERSION = 3;
const ALIGNMENT = 32;

const VALUE_TYPES = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 } as const;

export type GgufValue =
  | { readonly type: "uint32" | "float32"; readonly value: number }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "strings"; readonly value: readonly string[] }
  | { readonly type: "int32s" | "float32s"; readonly value: readonly number[] };

export interface GgufTensor {
  readonly name: string;
  /** Contiguous dimension first, as ggml counts them. */
  readonly dimensions: readonly number[];
  /** ggml's number of the tensor's type. */
  readonly typeNumber: number;
  readonly bytes: number;
  /** Its data in pieces that together make `bytes`; a piece is used before the next is asked for. */
  data(): Iterable<Uint8Array>;
}

export interface Gguf {
  readonly entries: ReadonlyMap<string, GgufValue>;
  readonly tensors: readonly GgufTensor[];
}

/** Streams a file to disk; it has its name only once it is whole. */
export async function writeGguf(path: string, gguf: Gguf): Promise<void> {
  const unfinished = `${path}.unfinished`;
  const stream = createWriteStream(unfinished);
  const write = async (bytes: Uint8Array): Promise<void> => {
    if (!stream.write(bytes)) await once(stream, "drain");
  };
  await write(padded(toHead(gguf)));
  for (const tensor of gguf.tensors) {
    // The stream keeps what it is given until it is written, and the tensor uses its memory again.
    for (const piece of tensor.data()) await write(Uint8Array.from(piece));
    await write(new Uint8Array(align(tensor.bytes) - tensor.bytes));
  }
  stream.end();
  await finished(stream);
  await rename(unfinished, path);
}

function toHead({ entries, tensors }: Gguf): Buffer {
  let offset = 0;
  const infos = tensors.map((tensor) => {
    const info = toTensorInfo(tensor, offset);
    offset += align(tensor.bytes);
    return info;
  });
  return Buffer.concat([
    Buffer.from(MAGIC, "latin1"),
    toUint32(VERSION),
    toUint64(tensors.length),
    toUint64(entries.size),
    ...Array.from(entries, ([key, value]) => Buffer.concat([toText(key), toEntry(value)])),
    ...infos,
  ]);
}

function toTensorInfo({ dimensions, name, typeNumber }: GgufTensor, offset: number): Buffer {
  return Buffer.concat([
    toText(name),
    toUint32(dimensions.length),
    ...dimensions.map(toUint64),
    toUint32(typeNumber),
    toUint64(offset),
  ]);
}

function toEntry(entry: GgufValue): Buffer {
  switch (entry.type) {
    case "uint32":
      return Buffer.concat([toUint32(VALUE_TYPES.uint32), toUint32(entry.value)]);
    case "float32":
      return Buffer.concat([toUint32(VALUE_TYPES.float32), toFloat32(entry.value)]);
    case "bool":
      return Buffer.concat([toUint32(VALUE_TYPES.bool), Buffer.from([entry.value ? 1 : 0])]);
    case "string":
      return Buffer.concat([toUint32(VALUE_TYPES.string), toText(entry.value)]);
    case "strings":
      return toArray(VALUE_TYPES.string, entry.value.map(toText));
    case "int32s":
      return toArray(VALUE_TYPES.int32, entry.value.map(toInt32));
    case "float32s":
      return toArray(VALUE_TYPES.float32, entry.value.map(toFloat32));
    default:
      return entry satisfies never;
  }
}

function toArray(elementType: number, elements: readonly Buffer[]): Buffer {
  const head = [toUint32(VALUE_TYPES.array), toUint32(elementType), toUint64(elements.length)];
  return Buffer.concat([...head, ...elements]);
}

function toText(text: string): Buffer {
  const utf8 = Buffer.from(text, "utf8");
  return Buffer.concat([toUint64(utf8.length), utf8]);
}

function toUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function toInt32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

function toUint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function toFloat32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(align(bytes.length) - bytes.length)]);
}

function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
