import { LabelBuilder, ModalBuilder, TextInputBuilder, TextInputStyle } from "discord.js";
import type { ModalSubmitInteraction } from "discord.js";
import { MAX_STOP_STRING_LENGTH, MAX_STOP_STRINGS } from "../../chat/sampling.ts";
import type { Sampling, SamplingNumber } from "../../chat/sampling.ts";
import { MAX_WAKE_WORD_LENGTH, MAX_WAKE_WORDS } from "../../chat/settings/setting-rules.ts";
import type { Quota, SettingsChange } from "../../chat/settings/settings.ts";
import { toTimeZone } from "../../chat/time/time-zone.ts";
import { Mistake } from "../texts/mistake.ts";
import { settingsTexts } from "../texts/settings.ts";
import type { Language } from "../texts/text.ts";
import { describeSamplingValue, QUOTA_NAMES, toPlainNumber } from "./describe-value.ts";
import { findValue, withoutOwn } from "./inheritance.ts";
import type { Inheritance } from "./inheritance.ts";
import type { FormName } from "./pages.ts";

const MAX_NUMBER_LENGTH = 20;
/** The longest name has 32. */
const MAX_ZONE_LENGTH = 64;
const MAX_PLACEHOLDER_LENGTH = 100;

/** A modal has at most five fields. */
const NUMBERS = [
  "temperature",
  "topP",
  "topK",
  "minP",
  "repeatPenalty",
] as const satisfies readonly SamplingNumber[];

/** Where a comma is a decimal sign; in all others it can only part thousands. */
const FRACTIONS: ReadonlySet<string> = new Set<SamplingNumber>([
  "temperature",
  "topP",
  "minP",
  "repeatPenalty",
]);

interface Field {
  readonly name: keyof typeof settingsTexts.fields;
  readonly value: string;
  readonly placeholder?: string;
  /** Of a text; else it is a number. */
  readonly maxLength?: number;
  /** One line of text; else several. */
  readonly isLine?: boolean;
}

export interface FormRequest {
  readonly id: string;
  readonly form: FormName;
  readonly language: Language;
}

/** The form with what it changes filled in. */
export function toForm(inheritance: Inheritance, { form, id, language }: FormRequest) {
  const fields = toFields(inheritance, form, language);
  return new ModalBuilder()
    .setCustomId(id)
    .setTitle(settingsTexts.forms[form][language])
    .addLabelComponents(fields.map((field) => toLabel(field, language)));
}

function toFields(inheritance: Inheritance, form: FormName, language: Language): Field[] {
  switch (form) {
    case "wakeWords": {
      const value = findValue(inheritance, form).value.join("\n");
      const maxLength = MAX_WAKE_WORDS * (MAX_WAKE_WORD_LENGTH + 1);
      return [{ name: "wakeWords", value, maxLength }];
    }
    case "overheard": {
      const { value } = findValue(inheritance, "overheardMessages");
      return [{ name: "overheardMessages", value: `${value}` }];
    }
    case "retention": {
      const { value } = findValue(inheritance, "retentionDays");
      const placeholder = settingsTexts.emptyIsForGood[language];
      return [{ name: "retentionDays", value: `${value ?? ""}`, placeholder }];
    }
    case "timeZone":
      return [toZoneField(inheritance, language)];
    case "quota": {
      const { value: quota } = findValue(inheritance, form);
      const placeholder = settingsTexts.emptyIsUnlimited[language];
      return QUOTA_NAMES.map((name) => ({ name, value: `${quota[name] ?? ""}`, placeholder }));
    }
    case "numbers":
      return NUMBERS.map((name) => toSamplingField(inheritance, name, language));
    case "ends":
      return [
        toSamplingField(inheritance, "seed", language),
        {
          ...toSamplingField(inheritance, "stop", language),
          // Each line break in one is written with two characters.
          maxLength: MAX_STOP_STRINGS * (2 * MAX_STOP_STRING_LENGTH + 1),
        },
      ];
    default:
      return form satisfies never;
  }
}

function toZoneField(inheritance: Inheritance, language: Language): Field {
  const value = inheritance.levels[0]?.overrides.timeZone ?? "";
  const inherited = findValue(withoutOwn(inheritance), "timeZone").value;
  const placeholder = settingsTexts.emptyInherits(inherited)[language];
  return { name: "timeZone", value, placeholder, maxLength: MAX_ZONE_LENGTH, isLine: true };
}

/** Only what the scope itself sets is filled in; what it would inherit shows in an empty field. */
function toSamplingField(inheritance: Inheritance, name: keyof Sampling, language: Language) {
  const own = inheritance.levels[0]?.overrides.sampling?.[name];
  const inherited = describeSamplingValue(withoutOwn(inheritance), name, language);
  const placeholder = settingsTexts.emptyInherits(inherited)[language];
  return { name, value: toFieldText(own, language), placeholder };
}

function toFieldText(own: Sampling[keyof Sampling], language: Language): string {
  if (own === undefined) return "";
  if (typeof own === "number") return toPlainNumber(own, language);
  return own.map((text) => text.replaceAll("\n", String.raw`\n`)).join("\n");
}

function toLabel(field: Field, language: Language) {
  const { maxLength, name, placeholder = "", value } = field;
  const isShort = maxLength === undefined || field.isLine === true;
  const input = new TextInputBuilder()
    .setCustomId(name)
    .setStyle(isShort ? TextInputStyle.Short : TextInputStyle.Paragraph)
    .setMaxLength(maxLength ?? MAX_NUMBER_LENGTH)
    .setRequired(name === "overheardMessages");
  if (placeholder !== "") input.setPlaceholder(placeholder.slice(0, MAX_PLACEHOLDER_LENGTH));
  if (value !== "") input.setValue(value);
  return new LabelBuilder()
    .setLabel(settingsTexts.fields[name][language])
    .setTextInputComponent(input);
}

/** @throws {Mistake} for what is no number where there must be one */
export function readForm({ fields }: ModalSubmitInteraction, form: FormName): SettingsChange {
  const textOf = (name: Field["name"]): string => fields.getTextInputValue(name);
  switch (form) {
    case "wakeWords":
      return { wakeWords: toWords(textOf("wakeWords")) };
    case "overheard":
      return { overheardMessages: readNumber(textOf, "overheardMessages") ?? 0 };
    case "quota":
      return { quota: readNumbers<keyof Quota>(textOf, QUOTA_NAMES) };
    case "retention":
      return { retentionDays: readNumber(textOf, "retentionDays") };
    case "timeZone":
      return { timeZone: readTimeZone(textOf(form)) };
    case "numbers":
      return { sampling: readNumbers(textOf, NUMBERS) };
    case "ends":
      return { sampling: { seed: readNumber(textOf, "seed"), stop: readStop(textOf("stop")) } };
    default:
      return form satisfies never;
  }
}

/** Undefined where nothing is given; what is no time zone is refused where it is set. */
function readTimeZone(text: string): string | undefined {
  return text.trim() === "" ? undefined : (toTimeZone(text) ?? text);
}

/** Undefined where nothing is given. */
function readStop(text: string): readonly string[] | undefined {
  const stop = toLines(text).map((line) => line.replaceAll(String.raw`\n`, "\n"));
  return stop.length === 0 ? undefined : stop;
}

type TextOf = (name: Field["name"]) => string;

function readNumbers<Name extends Field["name"]>(textOf: TextOf, names: readonly Name[]) {
  const entries = names.map((name) => [name, readNumber(textOf, name)] as const);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it has an entry for every name
  return Object.fromEntries(entries) as Record<Name, number | undefined>;
}

/** Undefined where nothing is given. */
function readNumber(textOf: TextOf, name: Field["name"]): number | undefined {
  const given = textOf(name).trim();
  if (given === "") return undefined;
  const text = FRACTIONS.has(name) ? given.replace(",", ".") : withoutGroups(given);
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(text)) return Number(text);
  const { de, en } = settingsTexts.fields[name];
  throw new Mistake({ en: settingsTexts.noNumber(en).en, de: settingsTexts.noNumber(de).de });
}

/** "20,000", "20.000" and "20 000" are twenty thousand. */
function withoutGroups(text: string): string {
  return /^\d{1,3}(?:[.,' \u{A0}\u{202F}]\d{3})+$/u.test(text) ? text.replaceAll(/\D/gu, "") : text;
}

function toWords(text: string): string[] {
  return [...new Set(text.split(/[\n,]/u).map((word) => word.trim()))].filter(
    (word) => word !== "",
  );
}

/** Spaces may be part of a stop string; an empty line is none. */
function toLines(text: string): string[] {
  return text.split("\n").filter((line) => line.trim() !== "");
}
