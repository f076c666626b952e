import type { SettingName, SettingsOverrides } from "../../chat/settings/settings.ts";
import { settingsTexts } from "../texts/settings.ts";
import type { Text } from "../texts/text.ts";
import type { PanelPage, PanelScope } from "./panel-id.ts";

type ChoiceName =
  | "speak"
  | "answerIn"
  | "controlledBy"
  | "showThoughts"
  | "personaWebhook"
  | "tellTime"
  | "learning";

/** One value of a setting that has few. */
interface ChoiceOption {
  readonly id: string;
  readonly label: Text;
  readonly change: SettingsOverrides;
}

/** A setting that is chosen in a select. */
export interface Choice {
  readonly name: ChoiceName;
  readonly options: readonly ChoiceOption[];
}

/** A setting of two lists, each picked in a select of its own. */
export type PickName = "access" | "channels";

export type PickList = "allowed" | "denied";

export const PICK_LISTS: readonly PickList[] = ["allowed", "denied"];

/** A form of Discord's, for what neither is chosen nor picked. */
export type FormName =
  | "wakeWords"
  | "overheard"
  | "quota"
  | "numbers"
  | "ends"
  | "timeZone"
  | "retention";

/** At most two selects and five buttons: with the scopes and the pages that fills a message. */
export interface Page {
  readonly choices: readonly Choice[];
  readonly picks: PickName | undefined;
  readonly forms: readonly FormName[];
  /** What has a button that takes the scope's own value back; a choice has an option for it. */
  readonly takenBack: readonly Exclude<SettingName, ChoiceName>[];
}

const { answerIn, controlledBy, learning, speak, thoughts, time, webhook } = settingsTexts;

const SPEAK: Choice = {
  name: "speak",
  options: [
    { id: "joined", label: speak.joined, change: { speak: "joined" } },
    { id: "always", label: speak.always, change: { speak: "always" } },
    { id: "mention", label: speak.mention, change: { speak: "mention" } },
    { id: "wake-words", label: speak["wake-words"], change: { speak: "wake-words" } },
    { id: "never", label: speak.never, change: { speak: "never" } },
  ],
};

const ANSWER_IN: Choice = {
  name: "answerIn",
  options: [
    { id: "place", label: answerIn.place, change: { answerIn: "place" } },
    { id: "thread", label: answerIn.thread, change: { answerIn: "thread" } },
  ],
};

const CONTROLLED_BY: Choice = {
  name: "controlledBy",
  options: [
    { id: "asker", label: controlledBy.asker, change: { controlledBy: "asker" } },
    { id: "everyone", label: controlledBy.everyone, change: { controlledBy: "everyone" } },
  ],
};

const THOUGHTS: Choice = {
  name: "showThoughts",
  options: [
    { id: "on", label: thoughts.on, change: { showThoughts: true } },
    { id: "off", label: thoughts.off, change: { showThoughts: false } },
  ],
};

const WEBHOOK: Choice = {
  name: "personaWebhook",
  options: [
    { id: "on", label: webhook.on, change: { personaWebhook: true } },
    { id: "off", label: webhook.off, change: { personaWebhook: false } },
  ],
};

const TIME: Choice = {
  name: "tellTime",
  options: [
    { id: "on", label: time.on, change: { tellTime: true } },
    { id: "off", label: time.off, change: { tellTime: false } },
  ],
};

const LEARNING: Choice = {
  name: "learning",
  options: [
    { id: "on", label: learning.on, change: { learning: true } },
    { id: "off", label: learning.off, change: { learning: false } },
  ],
};

const BARE = { choices: [], picks: undefined, forms: [], takenBack: [] } as const;

const PAGES: Readonly<Record<PanelPage, Page>> = {
  speaking: {
    ...BARE,
    choices: [SPEAK, ANSWER_IN],
    forms: ["wakeWords", "overheard"],
    takenBack: ["wakeWords", "overheardMessages"],
  },
  replies: { ...BARE, choices: [CONTROLLED_BY, THOUGHTS, WEBHOOK] },
  people: { ...BARE, picks: "access", takenBack: ["access"] },
  channels: { ...BARE, picks: "channels", takenBack: ["channels"] },
  quota: { ...BARE, forms: ["quota"], takenBack: ["quota"] },
  sampling: { ...BARE, forms: ["numbers", "ends"], takenBack: ["sampling"] },
  time: { ...BARE, choices: [TIME], forms: ["timeZone"], takenBack: ["timeZone"] },
  memory: { ...BARE, choices: [LEARNING], forms: ["retention"], takenBack: ["retentionDays"] },
};

const PAGES_OF: Readonly<Record<PanelScope, readonly PanelPage[]>> = {
  direct: ["replies", "sampling", "time"],
  thread: ["speaking", "replies", "people", "sampling", "time"],
  channel: ["speaking", "replies", "people", "sampling", "time"],
  server: ["speaking", "replies", "people", "channels", "quota", "sampling", "time", "memory"],
};

/**
 * What has no meaning in a scope: all in direct messages is between two, a thread opens none, and a
 * server has one time.
 */
const LEFT_OUT: Readonly<Record<PanelScope, readonly SettingName[]>> = {
  direct: ["controlledBy", "personaWebhook", "timeZone"],
  thread: ["answerIn", "timeZone"],
  channel: ["timeZone"],
  server: [],
};

/** The first is shown when the panel opens. */
export function pagesOf(scope: PanelScope): readonly [PanelPage, ...PanelPage[]] {
  const [first = "replies", ...others] = PAGES_OF[scope];
  return [first, ...others];
}

export function hasPage(scope: PanelScope, page: PanelPage): boolean {
  return PAGES_OF[scope].includes(page);
}

export function pageOf(scope: PanelScope, name: PanelPage): Page {
  const page = PAGES[name];
  const leftOut: readonly string[] = LEFT_OUT[scope];
  return {
    ...page,
    choices: page.choices.filter((choice) => !leftOut.includes(choice.name)),
    forms: page.forms.filter((form) => !leftOut.includes(form)),
    takenBack: page.takenBack.filter((setting) => !leftOut.includes(setting)),
  };
}
