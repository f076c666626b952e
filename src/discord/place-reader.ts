import { Routes } from "discord.js";
import type { Client } from "discord.js";
import { toMessageId } from "../chat/ids.ts";
import type { Log, NewTurn, PlaceReader } from "../chat/ports.ts";
import { decideRestFailure } from "./rest/rest-failure.ts";
import { toSaidMessage, toSaidText, toSpeaker } from "./said-message.ts";
import type { MessagePayload } from "./said-message.ts";

/** Reads messages by REST, where the gateway did not tell of them. */
export function createPlaceReader(client: Client<true>, log: Log): PlaceReader {
  const read = async <Payload>(path: `/${string}`, query?: URLSearchParams) => {
    try {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the route answers with
      return (await client.rest.get(path, query === undefined ? {} : { query })) as Payload;
    } catch (error) {
      // Most threads hang on no message, and a place that is gone has none.
      const { kind, reason } = decideRestFailure(error);
      if (kind !== "gone") log.warn({ reason }, "Messages could not be read back");
      return undefined;
    }
  };
  return {
    /** A thread that was started from a message has that message's id. */
    async starterOf(place) {
      if (place.kind !== "thread") return undefined;
      const route = Routes.channelMessage(place.parentId, place.id);
      const starter = await read<MessagePayload>(route);
      return starter === undefined ? undefined : toStarterTurn(client, starter);
    },
    async messagesAfter(place, messageId, limit) {
      const query = new URLSearchParams({ after: messageId, limit: String(limit) });
      const newestFirst = await read<MessagePayload[]>(Routes.channelMessages(place.id), query);
      return (newestFirst ?? [])
        .toSorted((one, other) => (BigInt(one.id) < BigInt(other.id) ? -1 : 1))
        .map((message) => toSaidMessage(client, message, place));
    },
  };
}

/** Familiar's own starter, a greeting say, is its own turn; anyone else's is said to it. */
function toStarterTurn(client: Client<true>, starter: MessagePayload): NewTurn | undefined {
  const text = toSaidText(client, starter);
  if (text === "") return undefined;
  const messageId = toMessageId(starter.id);
  const { author } = starter;
  return author.id === client.user.id
    ? { messageId, role: "assistant", speaker: undefined, text }
    : { messageId, role: "user", speaker: toSpeaker(author, starter.member?.nick), text };
}
