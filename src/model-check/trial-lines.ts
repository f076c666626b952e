import { ok, fault, warning } from "./report.ts";
import type { Line } from "./report.ts";
import { REPLY_TOKENS } from "./try-model.ts";
import type { Speed, TrialFacts, TrialReply } from "./try-model.ts";

interface RunFacts {
  /** The GPU's name, or CPU. */
  readonly device: string;
  readonly gpuLayers: number;
  readonly totalLayers: number;
  readonly threads: number;
}

/** People read about as fast. */
const SLOW_TOKENS_PER_SECOND = 5;
/** Fewer tell nothing of the speed. */
const FEWEST_MEASURED_TOKENS = 16;

export function toRunLine({ device, gpuLayers, threads, totalLayers }: RunFacts): Line {
  const processor = threads === 1 ? "1 thread" : `${threads} threads`;
  if (gpuLayers === 0) return ok(`It runs on the processor with ${processor}.`);
  if (gpuLayers >= totalLayers) return ok(`All of its ${totalLayers} layers are on ${device}.`);
  return warning(
    `${gpuLayers} of its ${totalLayers} layers are on ${device}, the rest on the processor: a smaller quantisation or context is many times faster.`,
  );
}

export function toTrialLines({ answer, prompt, replies }: TrialFacts): Line[] {
  return [
    toStopLine(replies),
    ...toEmptyLines(replies),
    toSpeedLine("reads prompts", prompt),
    toSpeedLine("writes answers", answer),
  ];
}

function toStopLine(replies: readonly TrialReply[]): Line {
  const count = replies.length;
  const going = replies.filter(({ hasStopped }) => !hasStopped);
  if (going.length === 0) return ok(`It stopped by itself in all of ${count} replies.`);
  const stopped = `It stopped by itself in ${count - going.length} of ${count} replies`;
  if (going.every(({ hasThought }) => hasThought)) {
    return warning(
      `${stopped} of up to ${REPLY_TOKENS} tokens, as it reasons before it answers: leave MAX_REPLY_TOKENS high.`,
    );
  }
  if (going.length < count)
    return warning(`${stopped}: the others go on to ${REPLY_TOKENS} tokens or more.`);
  return fault(`It never stops by itself: ${count} replies went on to ${REPLY_TOKENS} tokens.`);
}

function toEmptyLines(replies: readonly TrialReply[]): Line[] {
  const empty = replies.filter(({ isEmpty }) => isEmpty).length;
  if (empty === 0) return [];
  if (empty === replies.length) return [fault("It answers nothing: every reply was empty.")];
  return [warning(`It answered nothing in ${empty} of ${replies.length} replies.`)];
}

function toSpeedLine(what: string, { tokens, tokensPerSecond }: Speed): Line {
  if (tokens < FEWEST_MEASURED_TOKENS || tokensPerSecond === 0)
    return warning(`How fast it ${what} is unknown: there was too little to measure.`);
  const digits = tokensPerSecond < 100 ? 1 : 0;
  const text = `It ${what} at ${tokensPerSecond.toFixed(digits)} tokens per second`;
  return tokensPerSecond < SLOW_TOKENS_PER_SECOND
    ? warning(`${text}, slower than people read.`)
    : ok(`${text}.`);
}
