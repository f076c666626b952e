import type { Conversation } from "./conversation.ts";
import type { SaidMessage } from "./place.ts";
import type { ConversationStore, Engine, ReplyStore } from "./ports.ts";
import type { Withheld } from "./privacy/withheld.ts";
import { countTurn } from "./prompt/count-turns.ts";
import { toQuotedMessage } from "./prompt/quote.ts";
import { toTurnText } from "./said-text.ts";

export interface RecordDependencies {
  readonly engine: Pick<Engine, "countBasis" | "countTokens">;
  readonly conversations: Pick<ConversationStore, "record">;
  readonly replies: Pick<ReplyStore, "last">;
  readonly withheld: Pick<Withheld, "toQuotable">;
}

/** Undefined when a turn of this message is stored already. */
export async function recordTurn(
  { conversations, engine, replies, withheld }: RecordDependencies,
  conversation: Conversation,
  message: SaidMessage,
): Promise<Conversation | undefined> {
  const { author: speaker, id: messageId, saidAt } = message;
  const quoted = await withheld.toQuotable(message.place, message.quoted);
  const text = await toTurnText(replies, conversation, { ...message, quoted });
  const said = { messageId, role: "user", speaker, text, saidAt } as const;
  const turn = { ...said, quoted: quoted && toQuotedMessage(quoted) };
  const count = await countTurn(engine, conversation, turn);
  const counted = count === undefined ? turn : { ...turn, count };
  return await conversations.record(conversation.id, counted);
}
