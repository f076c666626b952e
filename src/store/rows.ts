import type { Conversation, ReplyPart, TokenCount, Turn } from "../chat/conversation.ts";
import { toChannelId, toGuildId, toMessageId, toUserId } from "../chat/ids.ts";
import type { EffectivePersona } from "../chat/persona/persona.ts";
import type { Place, Speaker } from "../chat/place.ts";
import { toEffectivePersona } from "./effective-persona.ts";
import { conversations } from "./schema.ts";
import type { parts, turns } from "./schema.ts";

type ConversationRow = typeof conversations.$inferSelect;
type PartRow = typeof parts.$inferSelect;
type TurnRow = typeof turns.$inferSelect;

type PlaceRow = Pick<ConversationRow, keyof typeof placeColumns>;

type ReadColumns =
  | "hasSeveralSpeakers"
  | "id"
  | "isParticipant"
  | "lastMessageId"
  | "nextPosition"
  | "openedBy"
  | "ownFrom"
  | "windowStart";

/** What is read beside a conversation's own columns. */
interface BesideRow {
  readonly recallFrom: number | null;
  readonly ownPrompt: string | null;
  readonly parentPrompt: string | null;
  /** As `toEffectivePersona` reads it. */
  readonly persona: unknown;
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

export function toPlace(row: PlaceRow): Place {
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
  row: PlaceRow & Pick<ConversationRow, ReadColumns> & BesideRow,
): Conversation {
  const { hasSeveralSpeakers, id, isParticipant, lastMessageId, nextPosition } = row;
  const { openedBy, windowStart } = row;
  const persona = toEffectivePersona(row.persona);
  return {
    id,
    place: toPlace(row),
    isParticipant,
    openedBy: openedBy === null ? undefined : toUserId(openedBy),
    hasSeveralSpeakers,
    systemPrompt: choosePrompt(row, persona),
    persona,
    windowStart,
    nextPosition,
    ownFrom: row.ownFrom ?? undefined,
    recallFrom: row.recallFrom ?? undefined,
    lastMessageId: lastMessageId === null ? undefined : toMessageId(lastMessageId),
  };
}

/** A persona chosen for a thread is nearer to it than its channel's prompt. */
function choosePrompt(
  { ownPrompt, parentPrompt }: Pick<BesideRow, "ownPrompt" | "parentPrompt">,
  persona: EffectivePersona | undefined,
): string | undefined {
  const isChosenHere = persona?.source === "place" && !persona.isInherited;
  return ownPrompt ?? (isChosenHere ? undefined : (parentPrompt ?? undefined));
}

export function toSpeaker(row: Pick<TurnRow, "authorId" | "authorName">): Speaker | undefined {
  if (row.authorId === null) return undefined;
  return { id: toUserId(row.authorId), name: row.authorName ?? "" };
}

/** Of a turn of Familiar's own that an imported chat gives to one of several characters. */
export function toCharacter({
  authorName,
  role,
}: Pick<TurnRow, "authorName" | "role">): Pick<Turn, "character"> {
  return role === "user" || authorName === null ? {} : { character: authorName };
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
