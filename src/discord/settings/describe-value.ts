import { SAMPLING_NUMBERS } from "../../chat/sampling.ts";
import type { Sampling } from "../../chat/sampling.ts";
import type { Access, Channels, Quota } from "../../chat/settings/settings.ts";
import { settingsTexts } from "../texts/settings.ts";
import type { Language, Text } from "../texts/text.ts";
import { findSampling, findValue } from "./inheritance.ts";
import type { Inheritance, ValueSource } from "./inheritance.ts";
import type { Choice, PickList, PickName } from "./pages.ts";

/** Two of them, and all that stands beside them, stay below the 2,000 characters of a message. */
const MAX_LIST_LENGTH = 700;

export const QUOTA_NAMES = [
  "repliesPerHour",
  "repliesPerDay",
  "tokensPerHour",
  "tokensPerDay",
] as const satisfies readonly (keyof Quota)[];

/** A line of the panel: what holds, and where it comes from. */
export function toLine(name: string, { source, value }: ShownValue, language: Language): string {
  return `**${name}**: ${value} *(${settingsTexts.sources[source][language]})*`;
}

export interface ShownValue {
  readonly value: string;
  readonly source: ValueSource;
}

export function describeChoice(inheritance: Inheritance, choice: Choice) {
  const { source, value } = findValue(inheritance, choice.name);
  const option = choice.options.find(({ change }) => change[choice.name] === value);
  return { source, option };
}

export function describeWakeWords(words: readonly string[], language: Language): string {
  return words.length === 0
    ? settingsTexts.none[language]
    : toShortList(words.map(toCode), language);
}

/** Nobody in the list of the allowed means everyone. */
export function describePicks(
  name: PickName,
  list: PickList,
  { language, mentions }: { readonly language: Language; readonly mentions: readonly string[] },
): string {
  if (mentions.length > 0) return toShortList(mentions, language);
  if (name === "channels") {
    return settingsTexts[list === "allowed" ? "allChannels" : "none"][language];
  }
  return settingsTexts[list === "allowed" ? "all" : "nobody"][language];
}

export function toMentions(picks: Access | Channels, list: PickList): string[] {
  if (!("allowedRoles" in picks)) return picks[list].map((id) => `<#${id}>`);
  const { roles, users } = peopleIn(picks, list);
  return [...roles.map((id) => `<@&${id}>`), ...users.map((id) => `<@${id}>`)];
}

export function peopleIn(access: Access, list: PickList) {
  return list === "allowed"
    ? { roles: access.allowedRoles, users: access.allowedUsers }
    : { roles: access.deniedRoles, users: access.deniedUsers };
}

export function describeQuota(quota: Quota, language: Language): string[] {
  return QUOTA_NAMES.map((name) => {
    const most = quota[name];
    const value = most?.toLocaleString(language) ?? settingsTexts.unlimited[language];
    return `${settingsTexts.fields[name][language]}: ${value}`;
  });
}

export function describeRetention(days: number | undefined, language: Language): string {
  return (days === undefined ? settingsTexts.keptForGood : settingsTexts.days(days))[language];
}

export function describeSampling(inheritance: Inheritance, language: Language): string[] {
  const names = [...SAMPLING_NUMBERS, "stop"] as const;
  return names.map((name) => {
    const { source } = findSampling(inheritance, name);
    const label: Text = name === "stop" ? settingsTexts.stop : settingsTexts.fields[name];
    const value = describeSamplingValue(inheritance, name, language);
    return toLine(label[language], { value, source }, language);
  });
}

export function describeSamplingValue(
  inheritance: Inheritance,
  name: keyof Sampling,
  language: Language,
): string {
  const { value } = findSampling(inheritance, name);
  if (value === undefined) return settingsTexts.newSeed[language];
  if (typeof value === "number") return toPlainNumber(value, language);
  return value.length === 0
    ? settingsTexts.none[language]
    : toShortList(value.map(toCode), language);
}

/** As it is typed, with the language's decimal sign. */
export function toPlainNumber(value: number, language: Language): string {
  return value.toLocaleString(language, { useGrouping: false, maximumFractionDigits: 6 });
}

function toCode(text: string): string {
  return `\`${text.replaceAll("\n", String.raw`\n`).replaceAll("`", "'")}\``;
}

function toShortList(items: readonly string[], language: Language): string {
  let length = 0;
  const shown = items.filter((item) => {
    length += item.length + 2;
    return length <= MAX_LIST_LENGTH;
  });
  const left = items.length - shown.length;
  const rest = left === 0 ? [] : [settingsTexts.more(left)[language]];
  return [...shown, ...rest].join(", ");
}
