import { GatewayIntentBits, Routes } from "discord.js";
import type { Client } from "discord.js";
import type { Familiar } from "../../chat/familiar.ts";
import type { SaidMessage } from "../../chat/place.ts";
import type { Log } from "../../chat/ports.ts";
import { mayUse } from "../../chat/settings/access.ts";
import type { SettingsLibrary } from "../../chat/settings/settings-library.ts";
import { withDeadline } from "../rest/deadline.ts";
import { decideRestFailure } from "../rest/rest-failure.ts";
import type { MessagePayload } from "../said-message.ts";
import type { LanguageOf } from "../texts/place-languages.ts";
import { withheldTexts } from "../texts/withheld.ts";

const DEADLINE_MS = 15_000;

export interface WithheldWordsDependencies {
  readonly client: Client<true>;
  readonly familiar: Pick<Familiar, "find">;
  readonly languageOf: LanguageOf;
  readonly log: Log;
  readonly settings: Pick<SettingsLibrary, "effective">;
}

/**
 * Without the privileged intent, Discord takes the words out of messages in servers that do not
 * mention Familiar. Where it would have answered one, it says so: once in a place, until it is
 * started again.
 */
export class WithheldWords {
  readonly #dependencies: WithheldWordsDependencies;
  readonly #told = new Set<string>();

  constructor(dependencies: WithheldWordsDependencies) {
    this.#dependencies = dependencies;
  }

  /** Of a message as the gateway tells of it, whose text is what could be read. */
  areMissing(
    { guild_id: guildId, mentions = [] }: Partial<Pick<MessagePayload, "guild_id" | "mentions">>,
    text: string,
  ): boolean {
    const { client } = this.#dependencies;
    if (text !== "" || guildId === undefined) return false;
    if (client.options.intents.has(GatewayIntentBits.MessageContent)) return false;
    return !mentions.some(({ id }) => id === client.user.id);
  }

  /** Says what is missing, where that is news. */
  async explain(said: SaidMessage): Promise<void> {
    const { place } = said;
    if (!said.isFromPerson || this.#told.has(place.id) || !(await this.#isConcerned(said))) return;
    this.#told.add(place.id);
    const { client, languageOf, log } = this.#dependencies;
    const notice = withheldTexts.notice(`<@${client.user.id}>`);
    const body = { content: notice[languageOf(place)], allowed_mentions: { parse: [] } };
    try {
      await withDeadline(DEADLINE_MS, (signal) =>
        client.rest.post(Routes.channelMessages(place.id), { body, signal }),
      );
    } catch (error) {
      log.info({ ...decideRestFailure(error) }, "Nobody could be told what cannot be read");
    }
  }

  /** Whether it would have been answered, had it been readable. */
  async #isConcerned({ author, authorRoles, place, repliesToFamiliar }: SaidMessage) {
    const { familiar, settings } = this.#dependencies;
    const { values } = await settings.effective(place);
    const { speak } = values;
    if (mayUse(values, place, { userId: author.id, roles: authorRoles }) === "denied") return false;
    if (speak === "always" || (repliesToFamiliar && speak !== "never")) return true;
    if (speak !== "joined") return false;
    return (await familiar.find(place.id))?.isParticipant === true;
  }
}
