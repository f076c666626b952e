import { toChannelId, toRoleId, toUserId } from "../ids.ts";
import { parseSampling } from "../sampling.ts";
import { toTimeZone } from "../time/time-zone.ts";
import type { Access, Channels, Quota, SettingName, Settings } from "./settings.ts";

export const MAX_WAKE_WORDS = 20;
export const MAX_WAKE_WORD_LENGTH = 50;
export const MAX_OVERHEARD = 50;
/** Of each list of roles, people or channels. */
export const MAX_LISTED = 100;
export const MAX_QUOTA = 1_000_000_000;
export const MAX_RETENTION_DAYS = 3_650;

const SPEAK_MODES = ["joined", "always", "mention", "wake-words", "never"] as const;

type Reader<Value> = (value: unknown) => Value | undefined;

const READERS: { readonly [Name in SettingName]: Reader<Settings[Name]> } = {
  speak: oneOf(SPEAK_MODES),
  wakeWords: readWakeWords,
  answerIn: oneOf(["place", "thread"] as const),
  controlledBy: oneOf(["asker", "everyone"] as const),
  showThoughts: readSwitch,
  personaWebhook: readSwitch,
  overheardMessages: (value) => (isWhole(value, 0, MAX_OVERHEARD) ? value : undefined),
  access: readAccess,
  channels: readChannels,
  quota: readQuota,
  sampling: readSampling,
  tellTime: readSwitch,
  timeZone: (value) => (typeof value === "string" ? toTimeZone(value) : undefined),
  retentionDays: (value) => (isWhole(value, 1, MAX_RETENTION_DAYS) ? value : undefined),
  learning: readSwitch,
};

/** The value as it may be set; undefined where it may not. What a parted one leaves out is empty. */
export function readSetting<Name extends SettingName>(
  name: Name,
  value: unknown,
): Settings[Name] | undefined {
  const read: Reader<Settings[Name]> = READERS[name];
  return read(value);
}

function oneOf<const Value extends string>(values: readonly Value[]): Reader<Value> {
  return (value) => values.find((candidate) => candidate === value);
}

function readSwitch(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}

function readWakeWords(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value) || value.length > MAX_WAKE_WORDS) return undefined;
  return value.every(isWakeWord) ? value : undefined;
}

function isWakeWord(value: unknown): value is string {
  return (
    typeof value === "string" && value.length <= MAX_WAKE_WORD_LENGTH && /[\p{L}\p{N}]/u.test(value)
  );
}

function readAccess(value: unknown): Access | undefined {
  if (!isObject(value)) return undefined;
  const allowedRoles = readIds(value["allowedRoles"], toRoleId);
  const allowedUsers = readIds(value["allowedUsers"], toUserId);
  const deniedRoles = readIds(value["deniedRoles"], toRoleId);
  const deniedUsers = readIds(value["deniedUsers"], toUserId);
  if (allowedRoles === undefined || allowedUsers === undefined) return undefined;
  if (deniedRoles === undefined || deniedUsers === undefined) return undefined;
  return { allowedRoles, allowedUsers, deniedRoles, deniedUsers };
}

function readChannels(value: unknown): Channels | undefined {
  if (!isObject(value)) return undefined;
  const allowed = readIds(value["allowed"], toChannelId);
  const denied = readIds(value["denied"], toChannelId);
  return allowed === undefined || denied === undefined ? undefined : { allowed, denied };
}

function readIds<Id>(value: unknown, toId: (text: string) => Id): readonly Id[] | undefined {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > MAX_LISTED || !value.every(isId)) return undefined;
  return value.map(toId);
}

function isId(value: unknown): value is string {
  return typeof value === "string" && /^\d{1,20}$/.test(value);
}

function readQuota(value: unknown): Quota | undefined {
  if (!isObject(value)) return undefined;
  const { repliesPerDay, repliesPerHour, tokensPerDay, tokensPerHour } = value;
  const isValid =
    isLimit(repliesPerDay) &&
    isLimit(repliesPerHour) &&
    isLimit(tokensPerDay) &&
    isLimit(tokensPerHour);
  return isValid ? { repliesPerHour, repliesPerDay, tokensPerHour, tokensPerDay } : undefined;
}

function isLimit(value: unknown): value is number | undefined {
  return value === undefined || isWhole(value, 1, MAX_QUOTA);
}

/** Each value that may not be set, or no longer, is left out. */
function readSampling(value: unknown): Settings["sampling"] | undefined {
  return isObject(value) ? parseSampling(value) : undefined;
}

function isWhole(value: unknown, min: number, max: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= min && value <= max;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
