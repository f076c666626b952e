import { InvalidInput } from "../../chat/problem.ts";
import type { JsonObject } from "../card.ts";
import { MAX_JSON_DEPTH, MAX_JSON_VALUES } from "../limits.ts";

const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const LONE_SURROGATE = /\p{Surrogate}/gu;

/**
 * The object that a text holds. Zero characters and halves of characters are mended in it, since no
 * database takes them, and keys named `__proto__` are left out.
 *
 * @throws {FamiliarError} `input-invalid`
 */
export function parseJsonObject(text: string): JsonObject {
  assertShape(text);
  const value = clean(parse(text));
  if (!isObject(value)) throw new InvalidInput({ kind: "card-json-no-object" });
  return value;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Looks before parsing: a few bytes of text can become a hundred in memory. */
function assertShape(text: string): void {
  let depth = 0;
  let values = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) index = findStringEnd(text, index);
    else if (isOpening(code)) depth += 1;
    else if (isClosing(code)) depth -= 1;
    if (isOpening(code) || code === 0x2c) values += 1;
    if (depth > MAX_JSON_DEPTH) {
      throw new InvalidInput({ kind: "card-too-deep", most: MAX_JSON_DEPTH });
    }
    if (values > MAX_JSON_VALUES) {
      throw new InvalidInput({ kind: "card-with-too-many-fields", most: MAX_JSON_VALUES });
    }
  }
}

function findStringEnd(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) return index;
    index += code === BACKSLASH ? 2 : 1;
  }
  return index;
}

/** `[` or `{`. */
function isOpening(code: number): boolean {
  return code === 0x5b || code === 0x7b;
}

/** `]` or `}`. */
function isClosing(code: number): boolean {
  return code === 0x5d || code === 0x7d;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const isCut = text.startsWith("{") && !text.endsWith("}");
    // The parser's own message quotes the text.
    const options = error instanceof SyntaxError ? {} : { cause: error };
    throw new InvalidInput({ kind: isCut ? "card-json-cut" : "card-json-damaged" }, options);
  }
}

/** In place, as a copy would take as much again; no deeper than {@link assertShape} allows. */
function clean(value: unknown): unknown {
  if (typeof value === "string") return cleanText(value);
  if (typeof value !== "object" || value === null) return value;
  for (const [key, field] of iterate(value)) {
    const cleanKey = cleanText(key);
    if (key !== cleanKey || key === "__proto__") Reflect.deleteProperty(value, key);
    if (cleanKey !== "__proto__") Reflect.set(value, cleanKey, clean(field));
  }
  return value;
}

function* iterate(value: object): Generator<readonly [string, unknown]> {
  for (const key of Object.keys(value)) yield [key, Reflect.get(value, key)];
}

function cleanText(text: string): string {
  return text.replaceAll("\0", "").replaceAll(LONE_SURROGATE, "\uFFFD");
}
