import type { ReplyPart } from "../chat/conversation.ts";

export interface CutReply {
  readonly text: string;
  /** The parts that are left, with their stretches in the new text. */
  readonly parts: readonly ReplyPart[];
}

/** Takes the stretches of some parts out of a reply. */
export function cutParts(
  text: string,
  parts: readonly ReplyPart[],
  isForgotten: (part: ReplyPart) => boolean,
): CutReply {
  const holes = parts.filter(isForgotten).toSorted((a, b) => a.start - b.start);
  let kept = "";
  let from = 0;
  for (const hole of holes) {
    kept += text.slice(from, Math.max(from, hole.start));
    from = Math.max(from, hole.end);
  }
  return {
    text: kept + text.slice(from),
    parts: parts
      .filter((part) => !isForgotten(part))
      .map(({ end, index, messageId, start }) => ({
        messageId,
        index,
        start: shift(start, holes),
        end: shift(end, holes),
      })),
  };
}

/** Where an offset lands once the holes before it are closed. Holes come in order. */
function shift(offset: number, holes: readonly ReplyPart[]): number {
  let removed = 0;
  let from = 0;
  for (const hole of holes) {
    const start = Math.max(from, hole.start);
    from = Math.max(from, hole.end);
    removed += Math.max(0, Math.min(offset, from) - start);
  }
  return offset - removed;
}
