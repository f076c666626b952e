import { RESTJSONErrorCodes } from "discord.js";
import type { Place } from "../../chat/place.ts";
import type { Log } from "../../chat/ports.ts";
import type { FindSpeaker, ReplySpeaker } from "../../chat/reply-surface.ts";
import type { RestFailure } from "../rest/rest-failure.ts";
import type { ChannelWebhooks } from "./channel-webhooks.ts";
import type { PictureAddresses } from "./picture-addresses.ts";
import { webhookChannelOf } from "./webhook.ts";
import type { Webhook } from "./webhook.ts";

/** Whose name and picture a message bears: the bot's own, or a persona's. */
export type Voice = "bot" | PersonaVoice;

export interface PersonaVoice {
  readonly webhook: Webhook;
  readonly name: string;
  /** Undefined: Discord shows one of its own. */
  readonly pictureUrl: string | undefined;
}

export interface VoicesOptions {
  readonly webhooks: ChannelWebhooks;
  readonly findSpeaker: FindSpeaker;
  readonly pictures: PictureAddresses;
  /** Stands in for a persona's own. */
  readonly botPictureUrl: () => string | undefined;
  readonly log: Log;
}

/** What Discord answers where a webhook has been deleted. */
const LOST: ReadonlySet<number> = new Set([
  RESTJSONErrorCodes.UnknownWebhook,
  RESTJSONErrorCodes.InvalidWebhookToken,
]);

/** Decides under which name the messages of a reply are posted. */
export class Voices {
  readonly #options: VoicesOptions;
  /** Names that Discord refuses, although they keep to the rules that it tells of. */
  readonly #refusedNames = new Set<string>();

  constructor(options: VoicesOptions) {
    this.#options = options;
  }

  /** Never rejects: whatever fails, the bot speaks. */
  async choose(place: Place): Promise<Voice> {
    const { findSpeaker, log, webhooks } = this.#options;
    if (place.kind === "direct") return "bot";
    try {
      const speaker = await findSpeaker(place);
      if (speaker === undefined || this.#refusedNames.has(speaker.name)) return "bot";
      const webhook = await webhooks.find(place);
      if (webhook === undefined) return "bot";
      return { webhook, name: speaker.name, pictureUrl: await this.#findPicture(speaker) };
    } catch (error) {
      log.warn({ error, placeId: place.id }, "A persona's name could not be read");
      return "bot";
    }
  }

  async #findPicture({ cardId }: ReplySpeaker): Promise<string | undefined> {
    const { botPictureUrl, pictures } = this.#options;
    const own = cardId === undefined ? undefined : await pictures.find(cardId);
    return own ?? botPictureUrl();
  }

  /** Whether a voice that was chosen before still speaks in the place. */
  isCurrent(place: Place, voice: Voice): boolean {
    return voice === "bot" || this.#options.webhooks.isCurrent(voice.webhook, place);
  }

  /** Discord took nothing that was said so. True where only the webhook is to blame. */
  refuse(place: Place, voice: PersonaVoice, failure: RestFailure): boolean {
    if (isLostWebhook(failure)) {
      this.lose(place, voice);
      return true;
    }
    const channelId = webhookChannelOf(place);
    if (failure.kind === "refused") this.#refusedNames.add(voice.name);
    else if (channelId !== undefined && failure.code !== RESTJSONErrorCodes.UnknownChannel) {
      this.#options.webhooks.refuse(channelId);
    }
    return false;
  }

  /** Its webhook is gone: whoever speaks next gets another. */
  lose(place: Place, { webhook }: PersonaVoice): void {
    const channelId = webhookChannelOf(place);
    if (channelId !== undefined) this.#options.webhooks.forget(webhook, channelId);
  }
}

export function isLostWebhook({ code }: RestFailure): boolean {
  return code !== undefined && LOST.has(code);
}

/** Whoever posted a message, it is not who changes it now. */
export function isOthersMessage({ code }: RestFailure): boolean {
  return code === RESTJSONErrorCodes.CannotEditMessageAuthoredByAnotherUser;
}
