import { GatewayDispatchEvents } from "discord.js";
import type { Client } from "discord.js";
import { toChannelId } from "../../chat/ids.ts";
import type { Clock, Log } from "../../chat/ports.ts";
import type { FindSpeaker } from "../../chat/reply-surface.ts";
import { ChannelWebhooks } from "./channel-webhooks.ts";
import { MessageOrigins } from "./message-origins.ts";
import { PictureAddresses } from "./picture-addresses.ts";
import type { LoadPicture } from "./picture-addresses.ts";
import { Voices } from "./voices.ts";

export interface VoiceSettings {
  readonly client: Pick<Client, "application" | "channels" | "rest" | "user" | "ws">;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  /** Default: the bot itself, everywhere. */
  readonly findSpeaker?: FindSpeaker;
  /** Default: no card has a picture. */
  readonly loadPicture?: LoadPicture;
}

const nothing = (): Promise<undefined> => Promise.resolve(undefined);

/** Under which names messages are posted, and how each was. */
export function createVoices({ client, clock, log, ...settings }: VoiceSettings) {
  const { findSpeaker = nothing, loadPicture = nothing } = settings;
  const webhooks = new ChannelWebhooks({ client, clock, log });
  client.ws.on(GatewayDispatchEvents.WebhooksUpdate, ({ channel_id: id }: { channel_id: string }) =>
    webhooks.lookAgain(toChannelId(id)),
  );
  client.ws.on(GatewayDispatchEvents.Ready, () => webhooks.lookAgainEverywhere());
  const pictures = new PictureAddresses({ client, clock, loadPicture, log });
  const botPictureUrl = (): string | undefined => client.user?.avatarURL() ?? undefined;
  return {
    origins: new MessageOrigins(client, webhooks),
    voices: new Voices({ webhooks, findSpeaker, pictures, botPictureUrl, log }),
  };
}
