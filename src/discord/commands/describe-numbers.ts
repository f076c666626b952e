import type { ReplyNumbersView } from "../../chat/reply/reply-numbers.ts";
import { toDecimal, toMilliseconds, toSeconds } from "../texts/numbers.ts";
import { numberTexts } from "../texts/ping.ts";
import type { Language, Text } from "../texts/text.ts";

/** A line each for what is measured by now. */
export function describeNumbers(numbers: ReplyNumbersView, language: Language): string[] {
  return [describeLine(numbers), describeSpeed(numbers), describeReuse(numbers)].flatMap((line) =>
    line === undefined ? [] : [line[language]],
  );
}

function describeLine({ parallelReplies, running, waitMs, waiting }: ReplyNumbersView): Text {
  const now = numberTexts.replies({ running, most: parallelReplies, waiting });
  if (waitMs === undefined || waitMs.longest < 1) return now;
  return join([now, numberTexts.waits(inTime(waitMs.median), inTime(waitMs.longest))], " ");
}

function describeSpeed({ firstTokenMs, tokensPerSecond }: ReplyNumbersView): Text | undefined {
  const facts: Text[] = [];
  if (tokensPerSecond !== undefined) {
    facts.push(numberTexts.tokensPerSecond(toShort(tokensPerSecond)));
  }
  if (firstTokenMs !== undefined) {
    facts.push(numberTexts.firstToken(inTime(firstTokenMs.median), inTime(firstTokenMs.p95)));
  }
  return facts.length === 0 ? undefined : numberTexts.speed(join(facts, ", "));
}

function describeReuse({ promptTokens }: ReplyNumbersView): Text | undefined {
  if (promptTokens === undefined) return undefined;
  const { evaluated, reused, reusedShare } = promptTokens;
  return numberTexts.reuse({ evaluated, reused, share: Math.round(reusedShare * 100) });
}

function join(texts: readonly Text[], separator: string): Text {
  return {
    en: texts.map(({ en }) => en).join(separator),
    de: texts.map(({ de }) => de).join(separator),
  };
}

function inTime(durationMs: number): Text {
  return durationMs < 100
    ? toMilliseconds(toDecimal(durationMs, 0))
    : toSeconds(toShort(durationMs / 1_000));
}

/** Two digits at least. */
function toShort(number: number): Text {
  return toDecimal(number, number < 10 ? 1 : 0);
}
