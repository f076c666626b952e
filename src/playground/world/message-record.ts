import { MessageType } from "discord-api-types/v10";
import type { Backend } from "../backend.ts";
import { emitMessageUpdate } from "../gateway/events.ts";
import type { ChannelRecord, MessageRecord } from "./records.ts";
import type { World } from "./world.ts";

export function createBlankMessage(
  world: World,
  channel: Pick<ChannelRecord, "id">,
  authorId: string,
): MessageRecord {
  return {
    id: world.snowflakes.next(),
    channelId: channel.id,
    authorId,
    type: MessageType.Default,
    content: "",
    editedTimestamp: null,
    mentionIds: [],
    mentionRoleIds: [],
    mentionsEveryone: false,
    attachments: [],
    embeds: [],
    components: [],
    flags: 0,
    tts: false,
    reference: null,
    nonce: null,
    applicationId: null,
    webhook: null,
    interaction: null,
    position: null,
  };
}

export function republishMessage(
  backend: Backend,
  channel: ChannelRecord,
  message: MessageRecord,
): void {
  backend.world.putMessage(message);
  emitMessageUpdate(backend, channel, message);
}
