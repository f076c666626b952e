import { GatewayIntentBits, Routes } from "discord.js";
import type { Client } from "discord.js";
import { ARCHIVE_PAGE } from "../chat/adopt/message-archive.ts";
import type { ArchivedMessage, MessageArchive } from "../chat/adopt/message-archive.ts";
import { FamiliarError } from "../chat/errors.ts";
import type { Place } from "../chat/place.ts";
import { InvalidInput } from "../chat/problem.ts";
import { isChatStarter } from "./chat-starter.ts";
import { isProposalMessage } from "./learning/render-proposals.ts";
import { withDeadline } from "./rest/deadline.ts";
import { decideRestFailure } from "./rest/rest-failure.ts";
import { isOwn, isSpeech, toSaidMessage } from "./said-message.ts";
import type { MessagePayload } from "./said-message.ts";

/** The client waits as long as Discord tells it to; this is for a server that never answers. */
const DEADLINE_MS = 60_000;

/** What Familiar adds to its words: why a reply ended, or what it waits for. */
const SMALL_PRINT = /(?:^|\n)-# [^\n]*$/;

/** Reads messages by REST, one request at a time, at the pace that Discord allows. */
export function createMessageArchive(client: Client<true>): MessageArchive {
  const read = async <Payload>(path: `/${string}`, query?: URLSearchParams): Promise<Payload> => {
    const options = query === undefined ? {} : { query };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the route answers with
    return (await withDeadline(DEADLINE_MS, (signal) =>
      client.rest.get(path, { ...options, signal }),
    )) as Payload;
  };
  return {
    async before(place, messageId) {
      const query = new URLSearchParams({ before: messageId, limit: String(ARCHIVE_PAGE) });
      try {
        const page = await read<MessagePayload[]>(Routes.channelMessages(place.id), query);
        return page
          .toSorted((one, other) => (BigInt(one.id) > BigInt(other.id) ? -1 : 1))
          .map((message) => toArchived(client, message, place));
      } catch (error) {
        throw toReadFailure(error);
      }
    },
    async starterOf(place) {
      if (place.kind !== "thread") return undefined;
      try {
        const path = Routes.channelMessage(place.parentId, place.id);
        return toArchived(client, await read<MessagePayload>(path), place);
      } catch {
        // Most threads hang on no message.
        return undefined;
      }
    },
  };
}

function toReadFailure(error: unknown): Error {
  const { kind, reason } = decideRestFailure(error);
  if (kind === "gone") return new InvalidInput({ kind: "messages-unreadable" });
  return new FamiliarError("discord-failed", `Messages could not be read back: ${reason}`, {
    cause: error,
  });
}

function toArchived(client: Client<true>, message: MessagePayload, place: Place): ArchivedMessage {
  const { author, id, quoted, text } = toSaidMessage(client, message, place);
  const isFamiliars = isOwn(client, message);
  const words = isFamiliars ? withoutSmallPrint(text) : text;
  const isOther = isChatStarter(message.content) || isProposalMessage(message.content);
  const own = isOther ? "other" : "familiar";
  const kind = isFamiliars ? own : toKind(client, message, place);
  return {
    id,
    saidAt: new Date(message.timestamp),
    kind: isSpeech(message) && (words !== "" || kind === "withheld") ? kind : "other",
    author,
    text: words,
    quoted,
  };
}

/** Without the privileged intent, Discord takes the words of others out in servers. */
function toKind(
  client: Client<true>,
  { attachments, author, content, embeds, mentions, webhook_id: webhookId }: MessagePayload,
  place: Place,
): ArchivedMessage["kind"] {
  if (author.bot === true || webhookId !== undefined) return "other";
  if (client.options.intents.has(GatewayIntentBits.MessageContent)) return "person";
  const isEmpty = content === "" && attachments.length === 0 && embeds.length === 0;
  const isReadable = place.kind === "direct" || mentions.some(({ id }) => id === client.user.id);
  return isEmpty && !isReadable ? "withheld" : "person";
}

function withoutSmallPrint(text: string): string {
  let words = text;
  while (SMALL_PRINT.test(words)) words = words.replace(SMALL_PRINT, "");
  return words.trimEnd();
}
