import type { MessageId, UserId } from "../ids.ts";
import type { Place } from "../place.ts";
import type { Withheld } from "../privacy/withheld.ts";
import type { ArchivedMessage } from "./message-archive.ts";
import type { KeptMessage } from "./to-adopted-turns.ts";

interface Asking {
  readonly authorId: UserId;
  readonly messageId: MessageId;
}

/** A page without what is not to be stored: that is of no kind any more that belongs to a history. */
export async function keepOut(
  withheld: Pick<Withheld, "isForgotten" | "mayStore" | "toQuotable">,
  place: Place,
  newestFirst: readonly ArchivedMessage[],
): Promise<readonly KeptMessage[]> {
  const keep = async (message: ArchivedMessage, index: number): Promise<KeptMessage> => {
    const { author, id: messageId, kind } = message;
    if (kind === "familiar") {
      const asking = findAsking(message, newestFirst.slice(index + 1));
      if (asking === undefined) return message;
      const isForgotten = await withheld.isForgotten(place, asking);
      return isForgotten ? { ...message, kind: "other" } : { ...message, askedBy: asking.authorId };
    }
    const said = { authorId: author.id, messageId };
    const isOut = kind === "person" && !(await withheld.mayStore(place, said));
    if (isOut) return { ...message, kind: "other" };
    return { ...message, quoted: await withheld.toQuotable(place, message.quoted) };
  };
  return await Promise.all(newestFirst.map(keep));
}

/** What Familiar wrote at the end of a page is read again with the next one, which has whom it answers. */
export function withoutUnasked(
  newestFirst: readonly ArchivedMessage[],
): readonly ArchivedMessage[] {
  const end = newestFirst.findLastIndex(({ kind }) => kind !== "familiar") + 1;
  return end === 0 ? newestFirst : newestFirst.slice(0, end);
}

/** The message that Familiar replied to there, or else the last one that a person wrote before. */
function findAsking(
  { quoted }: ArchivedMessage,
  older: readonly ArchivedMessage[],
): Asking | undefined {
  if (quoted?.author !== undefined) {
    return { authorId: quoted.author.id, messageId: quoted.messageId };
  }
  const said = older.find(({ kind }) => kind === "person" || kind === "withheld");
  return said === undefined ? undefined : { authorId: said.author.id, messageId: said.id };
}
