import { GgmlType } from "node-llama-cpp";

/** What an evaluated token is kept as: fewer bits, more conversations, less exact. */
export type KvCacheType = "f16" | "q8_0" | "q4_0";

export function toGgmlType(type: KvCacheType): GgmlType {
  switch (type) {
    case "f16":
      return GgmlType.F16;
    case "q8_0":
      return GgmlType.Q8_0;
    case "q4_0":
      return GgmlType.Q4_0;
    default:
      return type satisfies never;
  }
}
