/** Weights that one scale of a quantised block covers. */
const BLOCK_WEIGHTS = 32;
const SCALE_BYTES = 2;
const MAX_PIECE_BYTES = 4 * 2 ** 20;

/** How ggml stores a block: a half-precision scale, then the weights. */
export interface Quantisation {
  /** ggml's number of the type. */
  readonly typeNumber: number;
  readonly blockBytes: number;
  /** Standard deviation of uniformly random weights before they are scaled. */
  readonly rawDeviation: number;
}

export const F32_TYPE = 0;
export const Q4_0: Quantisation = { typeNumber: 2, blockBytes: 18, rawDeviation: 4.61 };
export const Q8_0: Quantisation = { typeNumber: 8, blockBytes: 34, rawDeviation: 73.9 };

export interface RandomMatrix {
  readonly rows: number;
  /** A multiple of 32. */
  readonly columns: number;
  readonly quantisation: Quantisation;
  readonly deviation: number;
  readonly seed: number;
  /** Rows of zeros. */
  readonly isZero?: (row: number) => boolean;
}

export function rowBytes({ columns, quantisation }: RandomMatrix): number {
  return (columns / BLOCK_WEIGHTS) * quantisation.blockBytes;
}

/** The same seed gives the same weights. Every piece lies in the same memory. */
export function* createRandomRows(matrix: RandomMatrix): Generator<Uint8Array, void> {
  const { deviation, isZero = () => false, quantisation, rows, seed } = matrix;
  const bytesOfRow = rowBytes(matrix);
  const rowsAtOnce = Math.max(4, Math.floor(MAX_PIECE_BYTES / bytesOfRow / 4) * 4);
  const bytes = new Uint8Array(Math.min(rows + 3, rowsAtOnce) * bytesOfRow + 4);
  const words = new Uint32Array(bytes.buffer, 0, Math.floor(bytes.length / 4));
  const fill = createFill(seed);
  const scale = toHalf(deviation / quantisation.rawDeviation);
  for (let first = 0; first < rows; first += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, rows - first);
    const piece = bytes.subarray(0, count * bytesOfRow);
    fill(words);
    for (let at = 0; at < piece.length; at += quantisation.blockBytes) {
      piece[at] = scale & 0xff;
      piece[at + SCALE_BYTES - 1] = scale >>> 8;
    }
    for (let row = 0; row < count; row += 1) {
      if (isZero(first + row)) piece.fill(0, row * bytesOfRow, (row + 1) * bytesOfRow);
    }
    yield piece;
  }
}

/** Marsaglia's xorshift with 32 bits: fast, and random enough for weights that mean nothing. */
function createFill(seed: number): (words: Uint32Array) => void {
  let state = Math.imul(seed, 2_654_435_761) | 1;
  return (words) => {
    for (let index = 0; index < words.length; index += 1) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      words[index] = state;
    }
  };
}

/** IEEE 754 half precision of a positive number in its normal range. */
function toHalf(value: number): number {
  const exponent = Math.floor(Math.log2(value));
  const fraction = Math.round((value / 2 ** exponent - 1) * 1024);
  return ((exponent + 15) << 10) + fraction;
}
