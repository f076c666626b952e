import type { LlamaModel } from "node-llama-cpp";

/** Their positions have several parts, and llama.cpp ends the process where such are shifted. */
const SECTIONS = "dimension_sections";
/** Keeps no positions that could be turned (multi-head latent attention). */
const UNTURNABLE = new Set(["deepseek2"]);

/** Whether evaluated tokens may move up when those before them are dropped. */
export function canShift({ fileInfo, fileInsights }: LlamaModel): boolean {
  const { isHybrid, isRecurrent, swaSize } = fileInsights;
  const { architecture } = fileInfo.metadata.general;
  const rope: object = fileInfo.architectureMetadata.rope ?? {};
  const hasSections = SECTIONS in rope;
  return (
    !isRecurrent &&
    !isHybrid &&
    swaSize === undefined &&
    !hasSections &&
    !UNTURNABLE.has(architecture)
  );
}
