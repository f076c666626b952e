import { toQuoteLine } from "../prompt/quote.ts";
import type { AdoptedTurn } from "./adoption-store.ts";
import type { ArchivedMessage } from "./message-archive.ts";

/** What of a page belongs to a history, oldest first. */
export function toAdoptedTurns(newestFirst: readonly ArchivedMessage[]): readonly AdoptedTurn[] {
  return newestFirst
    .flatMap((message, index) => {
      const turn = toAdoptedTurn(message, newestFirst[index + 1]);
      return turn === undefined ? [] : [turn];
    })
    .toReversed();
}

function toAdoptedTurn(
  message: ArchivedMessage,
  before: ArchivedMessage | undefined,
): AdoptedTurn | undefined {
  const { author, id: messageId, kind, quoted, saidAt, text } = message;
  if (kind === "familiar") return { messageId, speaker: undefined, text, saidAt };
  if (kind !== "person") return undefined;
  if (quoted === undefined) return { messageId, speaker: author, text, saidAt };
  // A reply of Familiar's that it replies to may stand right before it.
  const isPlain = quoted.author === undefined && quoted.messageId === before?.id;
  const words = isPlain ? text : toQuoteLine(quoted) + text;
  return { messageId, speaker: author, text: words, saidAt, quotedAuthor: quoted.author?.id };
}
