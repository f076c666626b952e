import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const ROOT = new URL("../../../src/discord/", import.meta.url);

/** Folders whose code speaks to people, and so has no words of its own. */
const FOLDERS = ["ask/", "commands/", "controls/", "events/", "webhooks/"];

const COMMENTS = /\/\*[^]*?\*\/|(?<!:)\/\/[^\n]*/g;
const LITERALS = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g;
const PLACEHOLDERS = /\$\{[^}]*\}/g;

/** Two words in a row, or a word that ends a sentence. */
const SENTENCE = /\p{L}{2,}[,:;]? \p{L}{2,}|\p{L}{2,}[.!?…](?:\s|$)/u;

/** A text is given to these by its name, never as it is. */
const SHOWN =
  /\.set(?:Description|Footer|Label|Name|Placeholder|Title|Content)\(\s*["'`](?=[^"'`]*[A-Z ])/;

function filesIn(folder: string): URL[] {
  const at = new URL(folder, ROOT);
  return readdirSync(at, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => new URL(name.replaceAll("\\", "/"), at));
}

function wordsIn(source: string): string[] {
  const lines = source
    .replaceAll(COMMENTS, "")
    .replaceAll(/(?:throw |reject\()?new Error\([^;]*\)/g, "")
    .replaceAll(/\blog\.\w+\([^;]*\)/g, "");
  const literals = (lines.match(LITERALS) ?? []).map((text) => text.replaceAll(PLACEHOLDERS, ""));
  return literals.filter((text) => SENTENCE.test(text.slice(1, -1)));
}

it.each(FOLDERS.flatMap(filesIn).map((url) => fileURLToPath(url)))(
  "has no words for people: %s",
  (path) => {
    const source = readFileSync(path, "utf8");
    expect(wordsIn(source)).toEqual([]);
    expect(SHOWN.exec(source)?.[0]).toBeUndefined();
  },
);

it.each([
  'reply("Done: it is gone.")',
  "reply(`Hello ${name}, how are you?`)",
  'new Mistake({ en: "No.", de: "Nein." })',
])("finds words: %s", (source) => expect(wordsIn(source)).not.toEqual([]));

it.each([
  'import { a } from "../texts/text.ts";',
  '// "Not for people."\nrun("fork");',
  'throw new Error("A reply has no active variant");',
  'log.warn({ error }, "The place is gone.");',
  "toControlId(`reply:${action}:${replyId}`)",
])("leaves what nobody is told: %s", (source) => expect(wordsIn(source)).toEqual([]));
