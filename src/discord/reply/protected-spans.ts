import { isListItem } from "./fence.ts";

/** A stretch of a line that should stay in one message. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Inline code and links of a line; all of it when it begins a list item. What the line leaves open
 * counts up to its end, because the rest may still come.
 */
export function findProtectedSpans(line: string): readonly Span[] {
  if (isListItem(line)) return [{ start: 0, end: line.length }];
  return [...findInlineCode(line), ...findLinks(line)];
}

export function isProtected(spans: readonly Span[], offset: number): boolean {
  return spans.some((span) => span.start < offset && offset < span.end);
}

function findInlineCode(line: string): readonly Span[] {
  const runs = [...line.matchAll(/`+/g)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
  }));
  const spans: Span[] = [];
  let index = 0;
  for (let opening = runs[index]; opening !== undefined; opening = runs[index]) {
    const length = opening.end - opening.start;
    const close = runs.findIndex((run, at) => at > index && run.end - run.start === length);
    spans.push({ start: opening.start, end: runs[close]?.end ?? line.length });
    index = close === -1 ? index + 1 : close + 1;
  }
  return spans;
}

function findLinks(line: string): readonly Span[] {
  const links = line.matchAll(/!?\[[^[\]]*(?:\]\([^()]*(?:\)|$)|\]?$)/g);
  return [...links].map((match) => ({ start: match.index, end: match.index + match[0].length }));
}
