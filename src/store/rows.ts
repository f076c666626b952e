import type { Conversation, ReplyPart, TokenCount } from "../chat/conversation.ts";
import { parseSampling } from "../chat/sampling.ts";
import { toChannelId, toGuildId, toMessageId, toUserId } from "../chat/ids.ts";
import type { Place, Speaker } from "../chat/place.ts";
import { conversations } from "./schema.ts";
import type { parts, turns } from "./schema.ts";

type ConversationRow = typeof conversations.$inferSelect;
type PartRow = typeof parts.$inferSelect;
type TurnRow = typeof turns.$inferSelect;

type Bookkeeping = Pick<
  ConversationRow,
  "closedAt" | "createdAt" | "firstSpeakerId" | "lastActiveAt" | "lastMessageId" | "nextPosition"
>;

/** What is set for the place rather than stored with its conversation. */
interface SettingsRow {
  readonly systemPrompt: string | null;
  readonly sampling: unknown;
}

/** PostgreSQL has no text with a NUL in it. The length stays, and with it the parts' stretches. */
export function toStorable(text: string): string {
  return text.replaceAll("\0", "\uFFFD");
}

export const placeColumns = {
  kind: conversations.kind,
  placeId: conversations.placeId,
  guildId: conversations.guildId,
  parentId: conversations.parentId,
} as const;

export function toPlace(row: Pick<ConversationRow, keyof typeof placeColumns>): Place {
  const { guildId, kind, parentId } = row;
  const id = toChannelId(row.placeId);
  if (kind === "thread" && guildId !== null && parentId !== null) {
    return { kind, id, guildId: toGuildId(guildId), parentId: toChannelId(parentId) };
  }
  if (kind === "channel" && guildId !== null) return { kind, id, guildId: toGuildId(guildId) };
  // The table's own check lets nothing else through.
  return { kind: "direct", id };
}

export function toPlaceColumns(place: Place) {
  return {
    kind: place.kind,
    placeId: place.id,
    guildId: place.kind === "direct" ? null : place.guildId,
    parentId: place.kind === "thread" ? place.parentId : null,
  };
}

export function toConversation(
  row: Omit<ConversationRow, keyof Bookkeeping> & SettingsRow,
): Conversation {
  const { hasSeveralSpeakers, id, isParticipant, openedBy, sampling, systemPrompt, windowStart } =
    row;
  return {
    id,
    place: toPlace(row),
    isParticipant,
    openedBy: openedBy === null ? undefined : toUserId(openedBy),
    hasSeveralSpeakers,
    systemPrompt: systemPrompt ?? undefined,
    sampling: parseSampling(sampling),
    windowStart,
  };
}

export function toSpeaker(row: Pick<TurnRow, "authorId" | "authorName">): Speaker | undefined {
  if (row.authorId === null) return undefined;
  return { id: toUserId(row.authorId), name: row.authorName ?? "" };
}

export function toCount(row: Pick<TurnRow, "tokenBasis" | "tokenCount">): TokenCount | undefined {
  const { tokenBasis, tokenCount } = row;
  if (tokenBasis === null || tokenCount === null) return undefined;
  return { tokens: tokenCount, basis: tokenBasis };
}

export function toPart(row: PartRow): ReplyPart {
  const { endOffset, index, messageId, startOffset } = row;
  return { messageId: toMessageId(messageId), index, start: startOffset, end: endOffset };
}
