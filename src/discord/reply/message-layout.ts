import type { ReplyControls } from "../../chat/reply-surface.ts";
import { MESSAGE_LIMIT, type TextPart } from "./split-reply.ts";
import { foldThoughts } from "./thoughts-layout.ts";

export interface PlannedMessage {
  readonly content: string;
  /** Undefined for a message that shows none of the text. */
  readonly part: TextPart | undefined;
  /** Only the last one has any. */
  readonly controls?: ReplyControls | undefined;
}

interface BesideText {
  readonly notice: string | undefined;
  readonly thoughts: string | undefined;
  /** Above the thoughts. */
  readonly heading: string;
}

const SMALL_PRINT = /^-# [^\n]+$/;

/** Puts a notice in small print under the last message where there is room, else into its own. */
export function layOutEnding(
  parts: readonly TextPart[],
  { heading, notice, thoughts }: BesideText,
): readonly PlannedMessage[] {
  const messages = layOutNotice(layOutParts(parts), notice);
  const folded = thoughts === undefined ? undefined : foldThoughts(thoughts, heading);
  return folded === undefined ? messages : [...messages, { content: folded, part: undefined }];
}

/** Until the text begins, its place is the sentence's. */
export function layOutDraft(
  parts: readonly TextPart[],
  sentence: string | undefined,
): readonly PlannedMessage[] {
  const messages = layOutParts(parts);
  return messages.length === 0 ? layOutNotice(messages, sentence) : messages;
}

export function withControls(
  messages: readonly PlannedMessage[],
  controls: ReplyControls | undefined,
): readonly PlannedMessage[] {
  const last = messages.at(-1);
  if (last === undefined || controls === undefined) return messages;
  return [...messages.slice(0, -1), { ...last, controls }];
}

/** A message with nothing but a sentence: its reply waits, or ended without a text. */
export function isSmallPrint(content: string): boolean {
  return SMALL_PRINT.test(content);
}

function layOutParts(parts: readonly TextPart[]): readonly PlannedMessage[] {
  return parts.map((part) => ({ content: part.content, part }));
}

function layOutNotice(
  messages: readonly PlannedMessage[],
  notice: string | undefined,
): readonly PlannedMessage[] {
  if (notice === undefined || notice.trim() === "") return messages;
  const smallPrint = `-# ${notice}`;
  const last = messages.at(-1);
  const content = last === undefined ? smallPrint : `${last.content}\n${smallPrint}`;
  if (last === undefined || content.length > MESSAGE_LIMIT) {
    return [...messages, { content: smallPrint, part: undefined }];
  }
  return [...messages.slice(0, -1), { content, part: last.part }];
}
