import type { TailLine } from "./scan-tail.ts";

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Longer lines that begin like a code block are shown although their end is not there yet. */
const LONGEST_HIDDEN_LINE = 64;
const GRAPHEME_REACH = 64;
/** The first combining mark: below it, a character that ends a text seldom changes any more. */
const COMBINING = 0x3_00;

const PARTIAL_OPENING = /^[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(?:`{1,2}|`{3,}[^`]*|~+|~{3,}.*)$/;

/**
 * How much of a growing text can be shown: without the beginning of a fence, a code block that is
 * still empty, and a last character that may still become another.
 */
export function findDraftEnd(text: string, lines: readonly TailLine[], start: number): number {
  const end = Math.max(start, withoutOpenGrapheme(text));
  const last = lines.at(-1);
  const isInLine = last !== undefined && last.end === text.length;
  const isHidden = isInLine && isPartialFence(text.slice(last.start, end), last);
  return withoutEmptyBlock(text, lines, isHidden ? last.start : end);
}

function isPartialFence(shown: string, { shape, before }: TailLine): boolean {
  const [first] = shape.stretches;
  if (first.isPartialClosing === true) return shown.length <= first.to;
  if (before.fence !== undefined || shown.length > LONGEST_HIDDEN_LINE) return false;
  return PARTIAL_OPENING.test(shown);
}

function withoutEmptyBlock(text: string, lines: readonly TailLine[], end: number): number {
  const opening = lines.findLast(({ shape }) => shape.kind === "opening");
  if (opening === undefined || opening.end >= end) return end;
  return text.slice(opening.end, end).trim() === "" ? opening.start : end;
}

function withoutOpenGrapheme(text: string): number {
  if (text.charCodeAt(text.length - 1) < COMBINING) return text.length;
  const from = Math.max(0, text.length - GRAPHEME_REACH);
  const tail = text.slice(from);
  const last = graphemes.segment(tail).containing(tail.length - 1);
  return from + (last?.index ?? tail.length);
}
