import type { GgufFileInfo } from "node-llama-cpp";

type TensorInfo = NonNullable<GgufFileInfo["tensorInfo"]>[number];

/**
 * Elements and bytes of a block, by ggml's type number. Types that llama.cpp has dropped are left
 * out. https://github.com/ggml-org/llama.cpp/blob/master/ggml/src/ggml.c (type_traits)
 */
const BLOCKS: ReadonlyMap<number, readonly [elements: number, bytes: number]> = new Map([
  [0, [1, 4]],
  [1, [1, 2]],
  [2, [32, 18]],
  [3, [32, 20]],
  [6, [32, 22]],
  [7, [32, 24]],
  [8, [32, 34]],
  [9, [32, 36]],
  [10, [256, 84]],
  [11, [256, 110]],
  [12, [256, 144]],
  [13, [256, 176]],
  [14, [256, 210]],
  [15, [256, 292]],
  [16, [256, 66]],
  [17, [256, 74]],
  [18, [256, 98]],
  [19, [256, 50]],
  [20, [32, 18]],
  [21, [256, 110]],
  [22, [256, 82]],
  [23, [256, 136]],
  [24, [1, 1]],
  [25, [1, 2]],
  [26, [1, 4]],
  [27, [1, 8]],
  [28, [1, 8]],
  [29, [256, 56]],
  [30, [1, 2]],
  [34, [256, 54]],
  [35, [256, 66]],
  [39, [32, 17]],
  [40, [64, 36]],
  [41, [128, 18]],
  [42, [64, 18]],
]);

/** Undefined for a type that is not known here: a newer one, which llama.cpp may well know. */
export function countTensorBytes(tensor: TensorInfo): number | undefined {
  const block = BLOCKS.get(tensor.ggmlType);
  if (block === undefined) return undefined;
  const [elements, bytes] = block;
  const count = tensor.dimensions.reduce<number>((total, size) => total * Number(size), 1);
  return (count / elements) * bytes;
}
