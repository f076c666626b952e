import type { Conversation } from "./conversation.ts";
import type { ChannelId, MessageId } from "./ids.ts";
import type { Quoted, SaidMessage } from "./place.ts";
import type { ConversationStore, ReplyStore } from "./ports.ts";
import { toQuoteLine } from "./prompt/quote.ts";

/** All that a message says, as its turn holds it. May take as long as reading its files does. */
export async function toTurnText(
  replies: Pick<ReplyStore, "last">,
  conversation: Conversation,
  message: SaidMessage,
): Promise<string> {
  const { quoted, readFiles, text } = message;
  const words = readFiles === undefined ? text : await readFiles();
  if (quoted === undefined) return words;
  const isNewest = await isNewestReply(replies, conversation, quoted);
  return isNewest ? words : toQuoteLine(quoted) + words;
}

/** Familiar's newest reply stands right before what is said now. */
async function isNewestReply(
  replies: Pick<ReplyStore, "last">,
  { id, lastMessageId }: Conversation,
  { author, messageId }: Quoted,
): Promise<boolean> {
  const last = author === undefined ? await replies.last(id) : undefined;
  if (last === undefined) return false;
  // It may be so new that its message is not stored yet.
  const isUnknown = last.parts.length === 0 && BigInt(messageId) > BigInt(lastMessageId ?? 0);
  return isUnknown || last.parts.some((part) => part.messageId === messageId);
}

export interface Revision {
  readonly placeId: ChannelId;
  readonly messageId: MessageId;
  /** The message's text as it is now; called only where the message is remembered. */
  readonly read: () => Promise<string>;
}

/** What a message replies to does not change with its words. False where nothing changed. */
export async function reviseTurn(
  conversations: Pick<ConversationStore, "edit" | "findTurn">,
  { messageId, placeId, read }: Revision,
): Promise<boolean> {
  if ((await conversations.findTurn(placeId, messageId)) === undefined) return false;
  return await conversations.edit(placeId, messageId, await read());
}
