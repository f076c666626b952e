import type { Conversation } from "./conversation.ts";
import { recordTurn } from "./record-turn.ts";
import type { RecordDependencies } from "./record-turn.ts";
import type { SaidMessage } from "./place.ts";
import type { PlaceReader } from "./place-ports.ts";
import type { Withheld } from "./privacy/withheld.ts";

/** Bots may have written most of it. Discord's limit for one request. */
const MAX_READ = 100;

export interface OverhearDependencies extends RecordDependencies {
  readonly places: Pick<PlaceReader, "messagesBefore">;
  readonly withheld: RecordDependencies["withheld"] & Pick<Withheld, "mayStore">;
}

export interface CalledBy {
  readonly message: SaidMessage;
  /** How many messages of people to read at most. */
  readonly limit: number;
}

/**
 * Stores what people said before the message that calls Familiar and after the last one that it
 * stored, as turns like any. Returns the conversation as it is then.
 */
export async function overhear(
  dependencies: OverhearDependencies,
  conversation: Conversation,
  { limit, message }: CalledBy,
): Promise<Conversation> {
  if (limit === 0) return conversation;
  const { id, place } = message;
  const since = BigInt(conversation.lastMessageId ?? 0);
  const before = await dependencies.places.messagesBefore(place, id, MAX_READ);
  const heard = before
    .filter((said) => said.isFromPerson && said.text !== "" && BigInt(said.id) > since)
    .slice(-limit);
  let current = conversation;
  for (const said of heard) {
    const { author, id: messageId } = said;
    if (!(await dependencies.withheld.mayStore(place, { authorId: author.id, messageId })))
      continue;
    current = (await recordTurn(dependencies, current, said)) ?? current;
  }
  return current;
}
