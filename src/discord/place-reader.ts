import { Routes } from "discord.js";
import type { Client } from "discord.js";
import { FamiliarError } from "../chat/errors.ts";
import type { Place } from "../chat/place.ts";
import type { PlaceReader } from "../chat/place-ports.ts";
import type { Log, NewTurn } from "../chat/ports.ts";
import { toQuotedMessage, toQuoteLine } from "../chat/prompt/quote.ts";
import { isChatStarter } from "./chat-starter.ts";
import { decideRestFailure } from "./rest/rest-failure.ts";
import { isOwn, toSaidMessage } from "./said-message.ts";
import type { MessagePayload } from "./said-message.ts";

/** Reads messages by REST, where the gateway did not tell of them. */
export function createPlaceReader(client: Client<true>, log: Log): PlaceReader {
  /** Undefined where there is nothing that Familiar may read. */
  const read = async <Payload>(path: `/${string}`, query?: URLSearchParams) => {
    try {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the route answers with
      return (await client.rest.get(path, query === undefined ? {} : { query })) as Payload;
    } catch (error) {
      const { kind, reason } = decideRestFailure(error);
      // Most threads hang on no message, and a place that is gone has none.
      if (kind === "gone") return undefined;
      const said = `Messages could not be read back: ${reason}`;
      throw new FamiliarError("discord-failed", said, { cause: error });
    }
  };
  /** For what is good to have: a message is answered without it, too. */
  const readIfPossible = async <Payload>(path: `/${string}`, query?: URLSearchParams) => {
    try {
      return await read<Payload>(path, query);
    } catch (error) {
      log.warn({ error }, "Messages could not be read back");
      return undefined;
    }
  };
  const toMessages = (place: Place, newestFirst: readonly MessagePayload[] = []) =>
    newestFirst
      .toSorted((one, other) => (BigInt(one.id) < BigInt(other.id) ? -1 : 1))
      .map((message) => toSaidMessage(client, message, place));
  return {
    /** A thread that was started from a message has that message's id. */
    async starterOf(place) {
      if (place.kind !== "thread") return undefined;
      const route = Routes.channelMessage(place.parentId, place.id);
      const starter = await readIfPossible<MessagePayload>(route);
      return starter === undefined ? undefined : await toStarterTurn(client, starter, place);
    },
    async messagesAfter(place, after, limit) {
      const query = new URLSearchParams({ after, limit: String(limit) });
      return toMessages(place, await read(Routes.channelMessages(place.id), query));
    },
    async messagesBefore(place, before, limit) {
      const query = new URLSearchParams({ before, limit: String(limit) });
      return toMessages(place, await readIfPossible(Routes.channelMessages(place.id), query));
    },
  };
}

/** Familiar's own starter, a greeting say, is its own turn; anyone else's is said to it. */
async function toStarterTurn(
  client: Client<true>,
  starter: MessagePayload,
  place: Place,
): Promise<NewTurn | undefined> {
  const said = toSaidMessage(client, starter, place);
  const { author: speaker, id: messageId, quoted, saidAt } = said;
  if (said.text === "") return undefined;
  if (isOwn(client, starter)) {
    if (isChatStarter(starter.content)) return undefined;
    return { messageId, role: "assistant", speaker: undefined, text: said.text, saidAt };
  }
  const words = said.readFiles === undefined ? said.text : await said.readFiles();
  const text = quoted === undefined ? words : toQuoteLine(quoted) + words;
  const turn = { messageId, role: "user", speaker, text, saidAt } as const;
  return { ...turn, quoted: quoted && toQuotedMessage(quoted) };
}
