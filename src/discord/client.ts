import { Client, GatewayIntentBits, Options, Partials } from "discord.js";
import type { RESTOptions } from "discord.js";

export interface ClientSettings {
  readonly rest: Partial<RESTOptions>;
  /** Whether to ask for the privileged intent; without it most messages come without their words. */
  readonly wantsMessageContent: boolean;
}

/** Nothing that grows with what is said is cached: the database has it. */
export function createClient({ rest, wantsMessageContent }: ClientSettings): Client {
  return new Client({
    intents: [
      GatewayIntentBits.Guilds,
      GatewayIntentBits.GuildMessages,
      GatewayIntentBits.GuildWebhooks,
      GatewayIntentBits.DirectMessages,
      ...(wantsMessageContent ? [GatewayIntentBits.MessageContent] : []),
    ],
    partials: [Partials.Channel],
    makeCache: Options.cacheWithLimits({
      ...Options.DefaultMakeCacheSettings,
      DMMessageManager: 0,
      GuildMemberManager: {
        maxSize: 200,
        keepOverLimit: (member) => member.id === member.client.user.id,
      },
      GuildMessageManager: 0,
      MessageManager: 0,
      PresenceManager: 0,
      ReactionManager: 0,
      UserManager: { maxSize: 200, keepOverLimit: (user) => user.id === user.client.user.id },
      VoiceStateManager: 0,
    }),
    allowedMentions: { parse: [], repliedUser: false },
    rest,
  });
}
