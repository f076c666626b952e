import { closingLine, fenceAt } from "./fence.ts";
import { findProtectedSpans, isProtected, type Span } from "./protected-spans.ts";
import { isSpace, type TailLine, visibleEnd } from "./scan-tail.ts";

/** A text up to where its tail overflows, and how much of the tail one message can take. */
interface Overflow {
  readonly text: string;
  readonly start: number;
  readonly lines: readonly TailLine[];
  readonly room: number;
}

type Boundary = "paragraph" | "line" | "sentence" | "word" | "grapheme";

interface Candidate {
  readonly position: number;
  readonly boundary: Boundary;
  /** Inside inline code, a link or a list item's first line, or where a fence would come about. */
  readonly tears: boolean;
}

interface Choice {
  readonly boundaries: readonly Boundary[];
  /** How much of the message's room the cut must at least fill. */
  readonly fill: number;
  readonly mayTear: boolean;
}

const LINES = ["paragraph", "line"] as const;
const WORDS = ["sentence", "word"] as const;

/** From the best to the last resort; within one, the cut that fills the message most. */
const CHOICES: readonly Choice[] = [
  { boundaries: ["paragraph"], fill: 0.5, mayTear: false },
  { boundaries: LINES, fill: 0.5, mayTear: false },
  { boundaries: ["sentence"], fill: 0.5, mayTear: false },
  { boundaries: WORDS, fill: 0.5, mayTear: false },
  { boundaries: [...LINES, ...WORDS], fill: 0.05, mayTear: false },
  { boundaries: ["sentence"], fill: 0.5, mayTear: true },
  { boundaries: WORDS, fill: 0.5, mayTear: true },
  { boundaries: [...LINES, ...WORDS], fill: 0.05, mayTear: true },
  { boundaries: [...LINES, ...WORDS, "grapheme"], fill: 0.5, mayTear: false },
  { boundaries: [...LINES, ...WORDS, "grapheme"], fill: 0, mayTear: true },
];

/** Deeper indentation is given up rather than carried into the next message. */
const INDENT_CARRIED = 200;

const HEADING = /^#{1,6}\s/;
const SENTENCE_END = /[.!?…][\p{Pe}\p{Pf}"'*_]*\s+$|[。！？][\p{Pe}\p{Pf}]*\s*$/u;
const SENTENCE_REACH = 12;
const LONGEST_CLOSING = 33;

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/**
 * Where to end the message: always after some visible text and before some. Looks at nothing after
 * the overflow.
 */
export function chooseCut(overflow: Overflow): number {
  const candidates = findCandidates(overflow);
  for (const { boundaries, fill, mayTear } of CHOICES) {
    const least = overflow.start + overflow.room * fill;
    const choice = candidates.findLast(
      ({ position, boundary, tears }) =>
        position >= least && boundaries.includes(boundary) && (mayTear || !tears),
    );
    if (choice !== undefined) return choice.position;
  }
  return cutThroughGrapheme(overflow);
}

function findCandidates(overflow: Overflow): readonly Candidate[] {
  const { text, start, lines } = overflow;
  const positions = findGraphemeStarts(text, start);
  const candidates: Candidate[] = [];
  let next = 0;
  for (const [index, line] of lines.entries()) {
    const first = next;
    while ((positions[next] ?? Infinity) < line.end) next += 1;
    if (next > first)
      candidates.push(...candidatesOf(overflow, index, positions.slice(first, next)));
  }
  return candidates;
}

function candidatesOf(
  overflow: Overflow,
  index: number,
  positions: readonly number[],
): readonly Candidate[] {
  const line = overflow.lines[index];
  if (line === undefined) return [];
  const spans = line.before.fence === undefined ? spansOf(overflow.text, line) : [];
  const starts = startsOf(overflow.text, line, positions);
  return starts
    .filter((position) => isAllowed(overflow, index, position) && fits(overflow, line, position))
    .map((position) => ({
      position,
      boundary: boundaryAt(overflow, index, position),
      tears: isProtected(spans, position - line.start) || opensFence(overflow.text, line, position),
    }));
}

/** The line's indentation goes with what it indents. */
function startsOf(text: string, line: TailLine, positions: readonly number[]): readonly number[] {
  const [first = line.start] = positions;
  const indent = first - line.start;
  const isIndented = indent > 0 && visibleEnd(text, line.start, first) === line.start;
  return isIndented && indent <= INDENT_CARRIED ? [line.start, ...positions.slice(1)] : positions;
}

/** A run of marks in the middle of a line is no fence, but it would be one at a message's beginning. */
function opensFence(text: string, line: TailLine, position: number): boolean {
  if (position === line.start) return false;
  const around = text.slice(position - 1, position + 3);
  return around.slice(1) === "```" || around.slice(1) === "~~~" || /^(?:``|~~)/.test(around);
}

function spansOf(text: string, line: TailLine): readonly Span[] {
  return findProtectedSpans(text.slice(line.start, line.end));
}

/** Never into a run of fence marks, nor so that a message has the shell of an empty code block. */
function isAllowed({ text, lines }: Overflow, index: number, position: number): boolean {
  const line = lines[index];
  if (line === undefined) return false;
  if (position > line.start) return position > line.start + line.shape.runEnd;
  const mayStillClose = line.end === text.length && line.shape.stretches[0].isPartialClosing;
  const isBeforeClosing = line.shape.kind === "closing" || mayStillClose === true;
  return !isBeforeClosing && !isAfterOpening(text, lines, index);
}

function isAfterOpening(text: string, lines: readonly TailLine[], index: number): boolean {
  for (let at = index - 1; at >= 0; at -= 1) {
    const line = lines[at];
    if (line === undefined || !isBlank(text, line)) return line?.shape.kind === "opening";
  }
  return false;
}

function isBlank(text: string, line: TailLine): boolean {
  return visibleEnd(text, line.start, line.end) === line.start;
}

function fits({ text, start, room }: Overflow, line: TailLine, position: number): boolean {
  const fence = fenceAt(line.shape, line.before, position - line.start);
  return visibleEnd(text, start, position) - start + closingLine(fence).length <= room;
}

function boundaryAt({ text, lines }: Overflow, index: number, position: number): Boundary {
  const line = lines[index];
  if (line === undefined) return "grapheme";
  if (position === line.start) return isParagraph(text, lines, index) ? "paragraph" : "line";
  const lead = text.slice(Math.max(line.start, position - SENTENCE_REACH), position);
  if (line.before.fence === undefined && SENTENCE_END.test(lead)) return "sentence";
  return isSpace(text, position - 1) ? "word" : "grapheme";
}

function isParagraph(text: string, lines: readonly TailLine[], index: number): boolean {
  const line = lines[index];
  const previous = lines[index - 1];
  if (line === undefined || previous === undefined || line.before.fence !== undefined) return false;
  const isAfterGap = isBlank(text, previous);
  const isAfterBlock = previous.shape.kind === "closing";
  const isNewBlock =
    line.shape.kind === "opening" || HEADING.test(text.slice(line.start, line.end));
  return isAfterGap || isAfterBlock || isNewBlock;
}

/** Where visible text goes on after the tail's first; without the last, half a character, where there is one. */
function findGraphemeStarts(text: string, start: number): readonly number[] {
  let first = start;
  while (first < text.length && isSpace(text, first)) first += 1;
  const end = isHighSurrogate(text, text.length - 1) ? text.length - 1 : text.length;
  return Array.from(graphemes.segment(text.slice(start)), ({ index }) => start + index).filter(
    (position) => position > first && position < end && !isSpace(text, position),
  );
}

/** For a single grapheme that is longer than a message. */
function cutThroughGrapheme({ text, start, room }: Overflow): number {
  const position = start + room - LONGEST_CLOSING;
  return isHighSurrogate(text, position - 1) ? position - 1 : position;
}

function isHighSurrogate(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit >= 0xd8_00 && unit <= 0xdb_ff;
}
