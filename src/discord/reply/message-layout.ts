import { MESSAGE_LIMIT, type TextPart } from "./split-reply.ts";

export interface PlannedMessage {
  readonly content: string;
  /** Undefined for a message that only holds a notice. */
  readonly part: TextPart | undefined;
}

/** Puts a notice in small print under the last message where there is room, else into its own. */
export function layOutMessages(
  parts: readonly TextPart[],
  notice: string | undefined,
): readonly PlannedMessage[] {
  const messages = parts.map((part) => ({ content: part.content, part }));
  if (notice === undefined || notice.trim() === "") return messages;
  const smallPrint = `-# ${notice}`;
  const last = messages.at(-1);
  const content = last === undefined ? smallPrint : `${last.content}\n${smallPrint}`;
  if (last === undefined || content.length > MESSAGE_LIMIT) {
    return [...messages, { content: smallPrint, part: undefined }];
  }
  return [...messages.slice(0, -1), { content, part: last.part }];
}
