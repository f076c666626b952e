import type { UserId } from "../ids.ts";
import { toQuotedMessage, toQuoteLine } from "../prompt/quote.ts";
import type { AdoptedTurn } from "./adoption-store.ts";
import type { ArchivedMessage } from "./message-archive.ts";

export interface KeptMessage extends ArchivedMessage {
  /** Of Familiar's own: whom it answers, as far as that can be told. */
  readonly askedBy?: UserId | undefined;
}

/** What of a page belongs to a history, oldest first. */
export function toAdoptedTurns(newestFirst: readonly KeptMessage[]): readonly AdoptedTurn[] {
  return newestFirst
    .flatMap((message, index) => {
      const turn = toAdoptedTurn(message, newestFirst[index + 1]);
      return turn === undefined ? [] : [turn];
    })
    .toReversed();
}

function toAdoptedTurn(
  message: KeptMessage,
  before: KeptMessage | undefined,
): AdoptedTurn | undefined {
  const { askedBy, author, id: messageId, kind, quoted, saidAt, text } = message;
  if (kind === "familiar") return { messageId, speaker: undefined, text, saidAt, askedBy };
  if (kind !== "person") return undefined;
  if (quoted === undefined) return { messageId, speaker: author, text, saidAt };
  // A reply of Familiar's that it replies to may stand right before it.
  const isPlain = quoted.author === undefined && quoted.messageId === before?.id;
  if (isPlain) return { messageId, speaker: author, text, saidAt };
  const words = toQuoteLine(quoted) + text;
  return { messageId, speaker: author, text: words, saidAt, quoted: toQuotedMessage(quoted) };
}
