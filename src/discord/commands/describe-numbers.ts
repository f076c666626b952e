import type { ReplyNumbersView } from "../../chat/reply/reply-numbers.ts";

/** A line each for what is measured by now. */
export function describeNumbers(numbers: ReplyNumbersView): string[] {
  return [describeLine(numbers), ...describeSpeed(numbers), ...describeReuse(numbers)];
}

function describeLine({ parallelReplies, running, waitMs, waiting }: ReplyNumbersView): string {
  const now = `Replies: ${running} of ${parallelReplies} at once, ${waiting} waiting`;
  if (waitMs === undefined || waitMs.longest < 1) return now;
  return `${now} (median wait ${inTime(waitMs.median)}, longest ${inTime(waitMs.longest)})`;
}

function describeSpeed({ firstTokenMs, tokensPerSecond }: ReplyNumbersView): string[] {
  const facts: string[] = [];
  if (tokensPerSecond !== undefined) {
    facts.push(
      `${tokensPerSecond < 10 ? tokensPerSecond.toFixed(1) : Math.round(tokensPerSecond)} tokens/s`,
    );
  }
  if (firstTokenMs !== undefined) {
    const { median, p95 } = firstTokenMs;
    facts.push(`first token after ${inTime(median)} (median), ${inTime(p95)} at most in 95 of 100`);
  }
  return facts.length === 0 ? [] : [`Speed: ${facts.join(", ")}`];
}

function describeReuse({ promptTokens }: ReplyNumbersView): string[] {
  if (promptTokens === undefined) return [];
  const { evaluated, reused, reusedShare } = promptTokens;
  const share = Math.round(reusedShare * 100);
  return [`Prompt tokens: ${share} % reused (${reused} reused, ${evaluated} evaluated)`];
}

function inTime(durationMs: number): string {
  if (durationMs < 100) return `${Math.round(durationMs)} ms`;
  const seconds = durationMs / 1_000;
  return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
}
