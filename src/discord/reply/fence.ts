/** A code block's opening, as far as it is needed to close the block and to open it again. */
interface Fence {
  readonly mark: string;
  readonly length: number;
  /** The first word after the opening run; empty where there is none. */
  readonly language: string;
  /** Columns before the opening run. */
  readonly indent: number;
}

/** What a line's meaning depends on. */
export interface LineContext {
  readonly fence: Fence | undefined;
  /** In a list item, where fences may be indented by more than three columns. */
  readonly isInList: boolean;
}

/** The offsets of a line up to `to`, and the fence that is open there. */
interface Stretch {
  readonly to: number;
  readonly fence: Fence | undefined;
  /** Could become a closing fence: a draft that ends here does not show the line. */
  readonly isPartialClosing?: true;
}

export interface LineShape {
  /** In order; the last one reaches to the line's end. */
  readonly stretches: readonly [Stretch, ...Stretch[]];
  readonly after: LineContext;
  readonly kind: "text" | "opening" | "closing";
  /** Offset up to which a run of fence marks begins the line; a cut inside would change it. */
  readonly runEnd: number;
}

interface Run {
  readonly mark: string;
  readonly start: number;
  readonly end: number;
  readonly indent: number;
  readonly isMarked: boolean;
}

/** A longer run could not be closed within a message, so it is text like any other. */
const LONGEST_RUN = 32;
const SHORTEST_RUN = 3;
const LONGEST_LANGUAGE = 32;
const INDENT_LIMIT = 3;

const LEADING_RUN = /^([ \t]*)((?:[-*+]|\d{1,9}[.)])[ \t]+)?(`+|~+)/;
const LIST_ITEM = /^[ \t]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)/;

export function isListItem(line: string): boolean {
  return LIST_ITEM.test(line);
}

export function openingLine(fence: Fence | undefined): string {
  return fence === undefined ? "" : `${fence.mark.repeat(fence.length)}${fence.language}\n`;
}

export function closingLine(fence: Fence | undefined): string {
  return fence === undefined ? "" : `\n${fence.mark.repeat(fence.length)}`;
}

/**
 * Reads one line without its end. Each stretch depends only on the text up to it, never on what
 * comes after, so that a line gives the same answer while it is still growing.
 *
 * @see https://spec.commonmark.org/0.31.2/#fenced-code-blocks
 */
export function shapeLine(line: string, before: LineContext): LineShape {
  const run = findLeadingRun(line);
  return before.fence === undefined
    ? shapeOutside(line, run, before)
    : shapeInside(line, run, { ...before, fence: before.fence });
}

/** A line whose beginning lies in an earlier message: no run in it begins or ends a block. */
export function shapeRestOfLine(line: string, before: LineContext): LineShape {
  const stretches = [{ to: line.length, fence: before.fence }] as const;
  return { stretches, after: before, kind: "text", runEnd: 0 };
}

export function fenceAt(shape: LineShape, before: LineContext, offset: number): Fence | undefined {
  if (offset === 0) return before.fence;
  return shape.stretches.find((stretch) => offset <= stretch.to)?.fence;
}

function shapeOutside(line: string, run: Run | undefined, before: LineContext): LineShape {
  const isInList = continuesList(line, before);
  if (run === undefined || !mayOpen(run, before)) {
    const stretches = [{ to: line.length, fence: undefined }] as const;
    return {
      stretches,
      after: { fence: undefined, isInList },
      kind: "text",
      runEnd: breakableEnd(run),
    };
  }
  const inlineEnd = run.mark === "`" ? line.indexOf("`", run.end) : -1;
  const isOpening = inlineEnd === -1;
  const open = { mark: run.mark, length: run.end - run.start, language: "", indent: run.indent };
  return {
    stretches: [
      { to: run.end, fence: undefined },
      { to: isOpening ? line.length : inlineEnd, fence: open },
      { to: line.length, fence: undefined },
    ],
    after: {
      fence: isOpening ? { ...open, language: languageOf(line.slice(run.end)) } : undefined,
      isInList,
    },
    kind: isOpening ? "opening" : "text",
    runEnd: run.end,
  };
}

function shapeInside(
  line: string,
  run: Run | undefined,
  before: LineContext & { readonly fence: Fence },
): LineShape {
  const { fence } = before;
  if (run === undefined || !mayClose(run, fence)) return shapeRestOfLine(line, before);
  const spoiledAt = spoiledFrom(line, run);
  const isLongEnough = run.end - run.start >= fence.length;
  const completeAt = isLongEnough ? run.start + fence.length - 1 : spoiledAt;
  const isClosing = isLongEnough && spoiledAt === line.length;
  return {
    stretches: [
      { to: completeAt, fence, isPartialClosing: true },
      { to: spoiledAt, fence: undefined },
      { to: line.length, fence },
    ],
    after: isClosing ? { ...before, fence: undefined } : before,
    kind: isClosing ? "closing" : "text",
    runEnd: breakableEnd(run),
  };
}

/** From where on a line that begins with a run of marks can no longer be a closing fence. */
function spoiledFrom(line: string, run: Run): number {
  if (run.end - run.start > LONGEST_RUN) return run.start + LONGEST_RUN;
  const rest = line.slice(run.end).search(/\S/);
  return rest === -1 ? line.length : run.end + rest;
}

function findLeadingRun(line: string): Run | undefined {
  const match = LEADING_RUN.exec(line);
  const marks = match?.[3];
  if (match === null || marks === undefined) return undefined;
  const end = match[0].length;
  const start = end - marks.length;
  const indent = line.slice(0, start).replaceAll("\t", "    ").length;
  return { mark: marks.charAt(0), start, end, indent, isMarked: match[2] !== undefined };
}

function mayOpen(run: Run, before: LineContext): boolean {
  const length = run.end - run.start;
  if (length < SHORTEST_RUN || length > LONGEST_RUN) return false;
  return run.indent <= INDENT_LIMIT || run.isMarked || before.isInList;
}

function mayClose(run: Run, fence: Fence): boolean {
  return run.mark === fence.mark && !run.isMarked && run.indent <= fence.indent + INDENT_LIMIT;
}

function breakableEnd(run: Run | undefined): number {
  return run === undefined || run.end - run.start > LONGEST_RUN ? 0 : run.end;
}

function languageOf(info: string): string {
  const word = /\S+/.exec(info)?.[0] ?? "";
  return word.length > LONGEST_LANGUAGE ? "" : word;
}

function continuesList(line: string, before: LineContext): boolean {
  if (isListItem(line)) return true;
  return before.isInList && !/^\S/.test(line);
}
