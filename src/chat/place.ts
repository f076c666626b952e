import type { ChannelId, GuildId, MessageId, RoleId, UserId } from "./ids.ts";

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
      /** Only who was invited sees it. Undefined where that is not known: of what is stored. */
      readonly isPrivate?: boolean;
    };

export interface Speaker {
  readonly id: UserId;
  /** As people see it: the nickname, else the display name. Anything can be in it. */
  readonly name: string;
}

/** A message that another one replies to. */
export interface Quoted {
  readonly messageId: MessageId;
  /** Undefined for Familiar itself. */
  readonly author: Speaker | undefined;
  readonly text: string;
}

/** A message as someone wrote it, with mentions and channel links already made readable. */
export interface SaidMessage {
  readonly id: MessageId;
  readonly place: Place;
  readonly saidAt: Date;
  readonly author: Speaker;
  /** The author's roles in the server; empty where they are not known. */
  readonly authorRoles: readonly RoleId[];
  /** False for bots, webhooks and the platform's own notices: none of them is ever answered. */
  readonly isFromPerson: boolean;
  /** The words, with a line for each thing that is not words. */
  readonly text: string;
  /** The same with what is in the text files that are attached; undefined where there are none. */
  readonly readFiles?: (() => Promise<string>) | undefined;
  /** The message that it replies to, where that can be read. */
  readonly quoted?: Quoted | undefined;
  readonly mentionsFamiliar: boolean;
  readonly repliesToFamiliar: boolean;
}
