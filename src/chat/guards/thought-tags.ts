export const OPENING_TAGS = ["<think>", "<thinking>"];
export const CLOSING_TAGS = ["</think>", "</thinking>"];

export interface Tag {
  readonly start: number;
  readonly end: number;
}

/** The first of `tags` in a text, from a place on. */
export function findTag(text: string, tags: readonly string[], from = 0): Tag | undefined {
  const found = tags
    .map((tag) => ({ start: text.indexOf(tag, from), length: tag.length }))
    .filter(({ start }) => start >= 0)
    .toSorted((one, other) => one.start - other.start);
  const first = found[0];
  return first === undefined ? undefined : { start: first.start, end: first.start + first.length };
}

/** Where closing tags stand in a reply that are more than a mention of them. */
export function findBareEnds(reply: string): readonly Tag[] {
  const ends: Tag[] = [];
  for (
    let tag = findTag(reply, CLOSING_TAGS);
    tag !== undefined;
    tag = findTag(reply, CLOSING_TAGS, tag.end)
  )
    if (!isCodeAfter(reply.slice(0, tag.start))) ends.push(tag);
  return ends;
}

/** Someone who writes about a tag puts it in backticks, or in a block of code. */
export function isCodeAfter(before: string): boolean {
  return before.endsWith("`") || isInFence(before);
}

const FENCE = /^[ \t]*(`{3,}|~{3,})(.*)$/;

function isInFence(before: string): boolean {
  let open: string | undefined;
  for (const line of before.split("\n")) {
    const [, marker = "", info = ""] = FENCE.exec(line) ?? [];
    if (marker === "") continue;
    if (open === undefined) open = marker;
    else if (marker.startsWith(open) && info.trim() === "") open = undefined;
  }
  return open !== undefined;
}
