import { joinLines } from "./one-line.ts";

/** What a message can hold beside its author's words. */
const KINDS = [
  "replying to",
  "forwarded message",
  "attachment",
  "image",
  "video",
  "audio",
  "voice message",
  "sticker",
  "poll",
  "embed",
] as const;

export type MarkKind = (typeof KINDS)[number];

/** How marks of time begin; some templates have them stand within what a person says. */
const TIMES = [
  String.raw`\d+\s+(?:hour|day|month|year)s?\s+later`,
  String.raw`(?:mon|tues|wednes|thurs|fri|satur|sun)day,\s+\d`,
] as const;

const LIKE_A_MARK = new RegExp(
  String.raw`^([\s\p{Cf}]*)\[(?=\s*(?:${[...KINDS, ...TIMES].join("|")}))`,
  "gimu",
);

/** Shorter than what would be mistaken for strike-through, were there none in the text. */
const SHORTEST_FENCE = 4;

/**
 * What belongs to a message but is not its author's words: a line of its own in brackets. Nothing in
 * `details` can end the line or the brackets.
 */
export function toMark(kind: MarkKind, ...details: readonly string[]): string {
  const told = details.map(toOneLine).filter((detail) => detail !== "");
  return told.length === 0 ? `[${kind}]` : `[${kind}: ${told.join(", ")}]`;
}

/** A mark with a text under it, between two lines that the text cannot contain. */
export function toMarkedText(mark: string, text: string): string {
  const longest = Math.max(0, ...(text.match(/~+/g) ?? []).map((run) => run.length));
  const fence = "~".repeat(Math.max(SHORTEST_FENCE, longest + 1));
  return [mark, fence, text, fence].join("\n");
}

/** Words in which no line reads like a mark of ours. */
export function keepWordsApart(words: string): string {
  return words.replaceAll(LIKE_A_MARK, String.raw`$1\[`);
}

export function toOneLine(text: string): string {
  return joinLines(text).replaceAll("[", "(").replaceAll("]", ")");
}
