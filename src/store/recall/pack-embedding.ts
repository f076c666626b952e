/** A 32-bit float, by which the whole numbers after it are multiplied: one byte a dimension. */
const SCALE_BYTES = 4;
const GREATEST = 127;

/** A quarter of the bytes: docs/memory.md has what that does to the order of what is found. */
export function packEmbedding(embedding: Float32Array): Uint8Array {
  const packed = new Uint8Array(SCALE_BYTES + embedding.length);
  const greatest = embedding.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const scale = greatest / GREATEST;
  new DataView(packed.buffer).setFloat32(0, scale, true);
  const values = new Int8Array(packed.buffer, SCALE_BYTES);
  if (scale > 0)
    for (const [index, value] of embedding.entries()) values[index] = Math.round(value / scale);
  return packed;
}

/** Embeddings of one number of dimensions, one after the other. */
export interface PackedEmbeddings {
  readonly scales: Float32Array;
  readonly values: Int8Array;
}

/** Copies: what it is given may be part of something larger. */
export function unpackEmbeddings(bytes: Uint8Array, dimensions: number): PackedEmbeddings {
  const rowBytes = SCALE_BYTES + dimensions;
  const rows = Math.floor(bytes.length / rowBytes);
  const scales = new Float32Array(rows);
  const values = new Int8Array(rows * dimensions);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let row = 0; row < rows; row += 1) {
    const start = row * rowBytes;
    scales[row] = view.getFloat32(start, true);
    values.set(bytes.subarray(start + SCALE_BYTES, start + rowBytes), row * dimensions);
  }
  return { scales, values };
}

/** The inner product of an embedding with one of many. */
export function compareWith(
  embedding: Float32Array,
  { scales, values }: PackedEmbeddings,
  row: number,
): number {
  const start = row * embedding.length;
  let sum = 0;
  for (let index = 0; index < embedding.length; index += 1) {
    sum += (embedding[index] ?? 0) * (values[start + index] ?? 0);
  }
  return sum * (scales[row] ?? 0);
}
