import type { HistoryEntry } from "../conversation.ts";
import type { Speaker } from "../place.ts";
import { toSpeakerLabel } from "../prompt/speaker.ts";
import type { ImportedTurn } from "./adoption-store.ts";
import type { FiledChat, FiledMessage } from "./history-files.ts";

export interface Importing {
  /** Who brings the chat along: the words of the chat's person are theirs. */
  readonly by: Speaker;
  /** When said what the file gives no date of. */
  readonly now: Date;
}

/** What of a filed chat belongs to a history: all but what is hidden. */
export function toImportedTurns(
  { messages }: Pick<FiledChat, "messages">,
  { by, now }: Importing,
): readonly ImportedTurn[] {
  const kept = messages.filter((message) => message.by !== "hidden");
  const isGroup = new Set(kept.flatMap(toCharacterName)).size > 1;
  let saidAt = kept.find(({ sentAt }) => sentAt !== undefined)?.sentAt ?? now;
  return kept.map((message) => {
    saidAt = message.sentAt ?? saidAt;
    return toTurn(message, { importer: by, isGroup, saidAt });
  });
}

function toCharacterName({ by, name }: FiledMessage): readonly string[] {
  return by === "character" ? [name] : [];
}

interface Known {
  readonly importer: Speaker;
  readonly isGroup: boolean;
  readonly saidAt: Date;
}

function toTurn(
  { by, name, shown, texts }: FiledMessage,
  { importer, isGroup, saidAt }: Known,
): ImportedTurn {
  if (by === "user") {
    const speaker = { id: importer.id, name: name === "" ? importer.name : name };
    const said = texts.slice(shown, shown + 1);
    return { role: "user", speaker, character: undefined, texts: said, shown: 0, saidAt };
  }
  const character = isGroup ? toSpeakerLabel({ id: importer.id, name }) : undefined;
  const brought = { speaker: undefined, askedBy: importer.id, character };
  return { role: "assistant", ...brought, texts, shown, saidAt };
}

/** @param characterName who Familiar is where no character is named */
export function toFiledChat(entries: readonly HistoryEntry[], characterName: string): FiledChat {
  const userName = entries.find(({ speaker }) => speaker !== undefined)?.speaker?.name ?? "User";
  const messages = entries.map((entry): FiledMessage => {
    const { character, saidAt: sentAt, speaker, text, variants } = entry;
    const all = variants ?? [{ text, isShown: true }];
    const texts = all.map((variant) => variant.text);
    const shown = all.findIndex(({ isShown }) => isShown);
    const name = speaker?.name ?? character ?? characterName;
    return { name, by: entry.role === "user" ? "user" : "character", texts, shown, sentAt };
  });
  return { userName, characterName, messages };
}
