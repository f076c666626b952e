import { stat } from "node:fs/promises";
import { GgmlType, GgufFileType } from "node-llama-cpp";
import type { GgufFileInfo } from "node-llama-cpp";
import { countTensorBytes } from "../inference/model/tensor-bytes.ts";

/** What the header of a model's file says of it. */
export interface ModelFacts {
  readonly architecture: string;
  readonly parameters: number;
  /** As the file itself names it: "Q4_K_M". Undefined where it does not. */
  readonly quantisation: string | undefined;
  /** Of the type that most of its parameters have: "Q4_K". */
  readonly commonType: string;
  /** Over all tensors; undefined where one is of a type that is not known here. */
  readonly bitsPerParameter: number | undefined;
  readonly trainedTokens: number | undefined;
}

export function inspectModel(info: GgufFileInfo): ModelFacts {
  const tensors = (info.fullTensorInfo ?? []).map((tensor) => ({
    type: GgmlType[tensor.ggmlType] ?? `type ${tensor.ggmlType}`,
    parameters: tensor.dimensions.reduce<number>((total, size) => total * Number(size), 1),
    bytes: countTensorBytes(tensor),
  }));
  const parameters = sum(tensors.map((tensor) => tensor.parameters));
  const bytes = tensors.map((tensor) => tensor.bytes).filter((each) => each !== undefined);
  const isKnown = bytes.length === tensors.length;
  return {
    architecture: info.metadata.general.architecture,
    parameters,
    quantisation: nameFileType(info.metadata.general.file_type),
    commonType: findCommonType(tensors),
    bitsPerParameter: isKnown ? (sum(bytes) * 8) / parameters : undefined,
    trainedTokens: info.architectureMetadata.context_length,
  };
}

export interface FileSize {
  readonly bytes: number;
  readonly parts: number;
}

/** Of all parts together, where the model is split. */
export async function measureFile({ sourceData }: GgufFileInfo): Promise<FileSize> {
  const paths = sourceData.flatMap((source) => (source.type === "path" ? [source.path] : []));
  const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size));
  return { bytes: sum(sizes), parts: sizes.length };
}

function nameFileType(type: number | undefined): string | undefined {
  return type === undefined ? undefined : GgufFileType[type]?.replace(/^(?:MOSTLY|ALL)_/, "");
}

function findCommonType(
  tensors: readonly { readonly type: string; readonly parameters: number }[],
): string {
  const counts = new Map<string, number>();
  for (const { type, parameters } of tensors)
    counts.set(type, (counts.get(type) ?? 0) + parameters);
  const [first] = [...counts].toSorted(([, one], [, other]) => other - one);
  return first?.[0] ?? "none";
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
