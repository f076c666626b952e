import {
  closingLine,
  fenceAt,
  type LineContext,
  type LineShape,
  shapeLine,
  shapeRestOfLine,
} from "./fence.ts";

/** A line of the text, in the text's own offsets. */
export interface TailLine {
  readonly start: number;
  /** Before the line's end, or where the text ends. */
  readonly end: number;
  readonly before: LineContext;
  readonly shape: LineShape;
}

export interface Tail {
  readonly lines: readonly TailLine[];
  /**
   * The first end at which the tail no longer fits, with its code block closed. A pure function of
   * the text up to there, so that it does not matter in which pieces the text came.
   */
  readonly overflowsAt: number | undefined;
}

export interface TailStart {
  readonly start: number;
  readonly context: LineContext;
}

/** Reads the lines from `start` on, until `room` is used up. */
export function scanTail(text: string, { start, context }: TailStart, room: number): Tail {
  const lines: TailLine[] = [];
  let before = context;
  let lineStart = start;
  while (lineStart < text.length) {
    const line = readLine(text, lineStart, before);
    lines.push(line);
    const overflowsAt = findOverflow(text, line, start + room);
    if (overflowsAt !== undefined) return { lines, overflowsAt };
    before = line.shape.after;
    lineStart = line.end + 1;
  }
  return { lines, overflowsAt: undefined };
}

function readLine(text: string, start: number, before: LineContext): TailLine {
  const newline = text.indexOf("\n", start);
  const end = newline === -1 ? text.length : newline;
  const line = text.slice(start, end);
  const isWhole = start === 0 || text.charAt(start - 1) === "\n";
  const shape = isWhole ? shapeLine(line, before) : shapeRestOfLine(line, before);
  return { start, end, before, shape };
}

/** White space never overflows: Discord takes it off a message's end. */
function findOverflow(text: string, line: TailLine, roomEnd: number): number | undefined {
  let from = line.start;
  for (const stretch of line.shape.stretches) {
    const to = line.start + stretch.to;
    const lastFit = roomEnd - closingLine(stretch.fence).length;
    if (stretch.isPartialClosing !== true) {
      const end = findVisibleEnd(text, Math.max(from, lastFit), to);
      if (end !== undefined) return end;
    } else if (to === line.end && isUnclosed(text, line, lastFit)) {
      return line.end + 1;
    }
    from = Math.max(from, to);
  }
  return undefined;
}

/** What could have become a closing fence counts once its line has ended as something else. */
function isUnclosed(text: string, line: TailLine, lastFit: number): boolean {
  const isCode = line.shape.after.fence !== undefined && line.end < text.length;
  return isCode && visibleEnd(text, line.start, line.end) > lastFit;
}

function findVisibleEnd(text: string, from: number, to: number): number | undefined {
  for (let index = from; index < to; index += 1) {
    if (!isSpace(text, index)) return index + 1;
  }
  return undefined;
}

export function isSpace(text: string, index: number): boolean {
  return text.charAt(index).trim() === "";
}

/** The end of `text.slice(start, end)` without the white space at its end. */
export function visibleEnd(text: string, start: number, end: number): number {
  let last = end;
  while (last > start && isSpace(text, last - 1)) last -= 1;
  return last;
}

/** The context of what follows when the tail is cut at `position`. */
export function contextAt(lines: readonly TailLine[], position: number): LineContext {
  const line = lines.findLast((candidate) => candidate.start <= position);
  if (line === undefined) return { fence: undefined, isInList: false };
  if (position > line.end) return line.shape.after;
  return { ...line.before, fence: fenceAt(line.shape, line.before, position - line.start) };
}
