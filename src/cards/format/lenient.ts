import type { JsonObject } from "../card.ts";
import { isObject } from "../container/parse-json.ts";

/** Numbers and lists are read as text too; undefined for what is none at all. */
export function toText(value: unknown): string | undefined {
  if (typeof value === "string") return value.replaceAll(/\r\n?/g, "\n");
  if (typeof value === "number") return String(value);
  if (Array.isArray(value)) return value.flatMap((item) => toText(item) ?? []).join("\n");
  return undefined;
}

/** The texts that are not blank: of a list, of an object's fields, or the text itself. */
export function toTexts(value: unknown): readonly string[] {
  return toItems(value)
    .flatMap((item) => toText(item) ?? [])
    .filter((text) => text.trim() !== "");
}

/** A list, or an object in place of one, as some tools write it. */
export function toItems(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (isObject(value)) return Object.values(value);
  return value === undefined || value === null ? [] : [value];
}

export function toNumber(value: unknown): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

export function toFlag(value: unknown): boolean | undefined {
  if (value === true || value === 1 || value === "true") return true;
  if (value === false || value === 0 || value === "false") return false;
  return undefined;
}

export function toObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** The first value that is neither missing nor null. */
export function firstOf(...values: readonly unknown[]): unknown {
  return values.find((value) => value !== undefined && value !== null);
}

export function omit(object: JsonObject, names: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.has(name)));
}

/** Without the fields that are undefined. */
export function definedOnly(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
