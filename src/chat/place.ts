import type { ChannelId, GuildId, MessageId, UserId } from "./ids.ts";

/** Where people talk. Each place has one conversation, and conversations never mix. */
export type Place =
  | { readonly kind: "direct"; readonly id: ChannelId }
  | { readonly kind: "channel"; readonly id: ChannelId; readonly guildId: GuildId }
  | {
      readonly kind: "thread";
      readonly id: ChannelId;
      readonly guildId: GuildId;
      /** The channel that the thread hangs under; its settings hold here unless overridden. */
      readonly parentId: ChannelId;
    };

export interface Speaker {
  readonly id: UserId;
  /** As people see it: the nickname, else the display name. Anything can be in it. */
  readonly name: string;
}

/** A message as someone wrote it, with mentions and channel links already made readable. */
export interface SaidMessage {
  readonly id: MessageId;
  readonly place: Place;
  readonly author: Speaker;
  /** False for bots, webhooks and the platform's own notices: none of them is ever answered. */
  readonly isFromPerson: boolean;
  readonly text: string;
  readonly mentionsFamiliar: boolean;
  readonly repliesToFamiliar: boolean;
}
