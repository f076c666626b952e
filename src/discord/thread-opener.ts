import { DiscordAPIError, RESTJSONErrorCodes, Routes, ThreadAutoArchiveDuration } from "discord.js";
import type { APIThreadChannel, Client } from "discord.js";
import { toChannelId } from "../chat/ids.ts";
import type { SaidMessage } from "../chat/place.ts";
import type { ThreadOpener } from "../chat/place-ports.ts";
import type { Log } from "../chat/ports.ts";
import { decideRestFailure } from "./rest/rest-failure.ts";

const TITLE_LENGTH = 60;

/** Opens threads on people's own messages. */
export function createThreadOpener(client: Client<true>, log: Log): ThreadOpener {
  return {
    async openFrom(message) {
      const { id: messageId, place } = message;
      if (place.kind !== "channel") return undefined;
      const { guildId, id: parentId } = place;
      const body = {
        name: toTitle(message, client.user.displayName),
        auto_archive_duration: ThreadAutoArchiveDuration.OneDay,
      };
      try {
        const route = Routes.threads(parentId, messageId);
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the route answers with
        const thread = (await client.rest.post(route, { body })) as APIThreadChannel;
        return { kind: "thread", id: toChannelId(thread.id), guildId, parentId };
      } catch (error) {
        // It has the message's id, as every thread that hangs on a message.
        if (isThere(error))
          return { kind: "thread", id: toChannelId(messageId), guildId, parentId };
        const { reason } = decideRestFailure(error);
        log.info({ reason, placeId: parentId }, "No thread could be opened on a message");
        return undefined;
      }
    },
  };
}

function isThere(error: unknown): boolean {
  return (
    error instanceof DiscordAPIError &&
    error.code === RESTJSONErrorCodes.ThreadAlreadyCreatedForMessage
  );
}

/** What was said, without the mention that it begins with. */
function toTitle({ author, text }: SaidMessage, selfName: string): string {
  const line = text.replaceAll(/\s+/gu, " ").trim();
  const mention = `@${selfName}`;
  const said = line.startsWith(mention)
    ? line.slice(mention.length).replace(/^[\s,:]+/u, "")
    : line;
  const title = Array.from(said).slice(0, TITLE_LENGTH).join("").trim();
  return title === "" ? Array.from(author.name).slice(0, TITLE_LENGTH).join("") : title;
}
