import { formatBytes } from "../inference/model/format-bytes.ts";
import type { FitFacts } from "./inspect-fit.ts";
import { MOST_CONVERSATIONS } from "./inspect-fit.ts";
import type { FileSize, ModelFacts } from "./inspect-model.ts";
import { ok, warning } from "./report.ts";
import type { Line } from "./report.ts";

/** With fewer, answers suffer visibly. */
const FEWEST_BITS = 4;
/** A few turns and a system prompt fill less. */
const SHORT_CONTEXT_TOKENS = 2_048;

export function toFileLines(path: string, { bytes, parts }: FileSize, model: ModelFacts): Line[] {
  const size = parts === 1 ? formatBytes(bytes) : `${formatBytes(bytes)} in ${parts} parts`;
  return [
    ok(`The file ${path} is a whole GGUF, ${size}.`),
    ok(`Its architecture is ${model.architecture}.`),
    ok(`It has ${formatCount(model.parameters)} parameters.`),
    toQuantisationLine(model),
    toTrainedLine(model.trainedTokens),
  ];
}

export function toFitLines({ contextTokens, conversationBytes, conversations }: FitFacts): Line[] {
  const memory = `A conversation of ${contextTokens} tokens takes ${formatBytes(conversationBytes)} of memory`;
  const isShort = contextTokens < SHORT_CONTEXT_TOKENS;
  return [
    isShort ? warning(`${memory}; that is a short context, soon forgotten.`) : ok(`${memory}.`),
    conversations === 1
      ? warning(
          "The free memory holds one conversation at once: others are read again at each turn.",
        )
      : ok(`The free memory holds ${sayUpTo(conversations)} conversations at once.`),
  ];
}

function toQuantisationLine({ bitsPerParameter, commonType, quantisation }: ModelFacts): Line {
  const bits = bitsPerParameter === undefined ? "" : `, ${bitsPerParameter.toFixed(1)} bits each`;
  const text =
    quantisation === undefined
      ? `Its weights are mostly ${commonType}${bits}`
      : `Its weights are stored as ${quantisation} (mostly ${commonType}${bits})`;
  if (bitsPerParameter === undefined || bitsPerParameter >= FEWEST_BITS) return ok(`${text}.`);
  return warning(`${text}: below ${FEWEST_BITS} bits, answers suffer visibly.`);
}

function toTrainedLine(trainedTokens: number | undefined): Line {
  if (trainedTokens === undefined)
    return warning("The file does not say how many tokens of context it was trained on.");
  return ok(`It was trained on contexts of ${trainedTokens} tokens.`);
}

function sayUpTo(conversations: number): string {
  return conversations === MOST_CONVERSATIONS ? `${conversations} or more` : `${conversations}`;
}

const SCALES = [
  [1e12, "trillion"],
  [1e9, "billion"],
  [1e6, "million"],
] as const;

/** "3.1 million", "7.2 billion". */
function formatCount(count: number): string {
  const scale = SCALES.find(([size]) => count >= size);
  return scale === undefined ? `${count}` : `${(count / scale[0]).toFixed(1)} ${scale[1]}`;
}
