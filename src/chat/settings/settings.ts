import type { ChannelId, GuildId, RoleId, UserId } from "../ids.ts";
import type { Sampling, SamplingOverrides } from "../sampling.ts";

/**
 * When Familiar answers what is said. Direct messages are always answered, and `/chat` opens a thread
 * in any case but `never`.
 */
export type SpeakWhen =
  /** In threads that it takes part in; elsewhere when it is mentioned or replied to. */
  | "joined"
  /** Everything. */
  | "always"
  /** When it is mentioned or replied to, in its threads too. */
  | "mention"
  /** When it is mentioned, replied to, or one of the wake words falls. */
  | "wake-words"
  | "never";

/** Where a channel's mention is answered. */
type AnswerIn = "place" | "thread";

/** Who may stop a reply and have it written again; a moderator may in any case. */
type ControlledBy = "asker" | "everyone";

/** Whom Familiar answers. Denied goes before allowed; where nobody is allowed by name, all are. */
export interface Access {
  readonly allowedRoles: readonly RoleId[];
  readonly allowedUsers: readonly UserId[];
  readonly deniedRoles: readonly RoleId[];
  readonly deniedUsers: readonly UserId[];
}

/** Where Familiar answers in a server. A thread counts as its channel. */
export interface Channels {
  readonly allowed: readonly ChannelId[];
  readonly denied: readonly ChannelId[];
}

/** What one person may use in a server. Undefined: as much as they like. */
export interface Quota {
  readonly repliesPerHour: number | undefined;
  readonly repliesPerDay: number | undefined;
  /** Of prompts, as far as they were evaluated anew, and replies. */
  readonly tokensPerHour: number | undefined;
  readonly tokensPerDay: number | undefined;
}

/** What can be set for a server, a channel and a thread. */
export interface Settings {
  readonly speak: SpeakWhen;
  readonly wakeWords: readonly string[];
  readonly answerIn: AnswerIn;
  readonly controlledBy: ControlledBy;
  readonly showThoughts: boolean;
  /** The persona speaks under its own name and avatar, where Familiar may use webhooks. */
  readonly personaWebhook: boolean;
  /** How many messages of others before a mention are read with it. */
  readonly overheardMessages: number;
  readonly access: Access;
  /** Set for a server only. */
  readonly channels: Channels;
  /** Set for a server only. */
  readonly quota: Quota;
  readonly sampling: SamplingOverrides;
  /** Whether the model is told when things were said. */
  readonly tellTime: boolean;
  /** As the time zone database calls it. Set for a server only. */
  readonly timeZone: string;
  /** What was said is kept for so long; undefined: until someone forgets it. Set for a server only. */
  readonly retentionDays: number | undefined;
  /** Whether anything is learned of people who consent. Set for a server only. */
  readonly learning: boolean;
}

export type SettingName = keyof Settings;

export const SETTING_NAMES: readonly SettingName[] = [
  "speak",
  "wakeWords",
  "answerIn",
  "controlledBy",
  "showThoughts",
  "personaWebhook",
  "overheardMessages",
  "access",
  "channels",
  "quota",
  "sampling",
  "tellTime",
  "timeZone",
  "retentionDays",
  "learning",
];

/** Where something is set: a server, or a channel, a thread or direct messages. */
export type SettingsScope =
  | { readonly kind: "guild"; readonly id: GuildId }
  | { readonly kind: "place"; readonly id: ChannelId };

/** What one scope sets itself. Of the sampling, each value counts alone. */
export type SettingsOverrides = Partial<Settings>;

type Changed<Whole> = { readonly [Name in keyof Whole]?: Whole[Name] | undefined };

/**
 * What is to become of a scope's own settings; undefined takes one back. Of those that have parts,
 * only the named parts change, and undefined takes a part back.
 */
export interface SettingsChange extends Changed<Omit<Settings, PartedSetting>> {
  readonly access?: Changed<Access> | undefined;
  readonly channels?: Changed<Channels> | undefined;
  readonly quota?: Changed<Quota> | undefined;
  readonly sampling?: Changed<Sampling> | undefined;
}

export type PartedSetting = "access" | "channels" | "quota" | "sampling";

/** Where a value comes from, nearest first. `default` is the owner's configuration, or Familiar's. */
export type SettingsSource = "place" | "parent" | "guild" | "default";

export interface EffectiveSettings {
  readonly values: Settings;
  readonly sources: Readonly<Record<SettingName, SettingsSource>>;
  readonly sampling: SamplingLayers;
}

/** What each scope sets of the sampling. */
export interface SamplingLayers {
  readonly place: SamplingOverrides;
  /** Of a thread's channel. */
  readonly parent: SamplingOverrides;
  readonly guild: SamplingOverrides;
}

/** Where nobody sets anything. */
export const DEFAULT_SETTINGS: Settings = {
  speak: "joined",
  wakeWords: [],
  answerIn: "place",
  controlledBy: "asker",
  showThoughts: false,
  personaWebhook: true,
  overheardMessages: 0,
  access: { allowedRoles: [], allowedUsers: [], deniedRoles: [], deniedUsers: [] },
  channels: { allowed: [], denied: [] },
  quota: {
    repliesPerHour: undefined,
    repliesPerDay: undefined,
    tokensPerHour: undefined,
    tokensPerDay: undefined,
  },
  sampling: {},
  tellTime: true,
  timeZone: "UTC",
  retentionDays: undefined,
  learning: false,
};
