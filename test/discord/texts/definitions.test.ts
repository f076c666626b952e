import { describe, expect, it } from "vitest";
import { commands, messageCommands } from "../../../src/discord/commands/commands.ts";

/** https://docs.discord.com/developers/interactions/application-commands#application-command-object */
const MOST_DESCRIPTION = 100;
const MOST_CHOICE_NAME = 100;
const MOST_MENU_NAME = 32;

/** Words that are the same in both languages, and names. */
const SAME: ReadonlySet<string> = new Set(["Markdown"]);

interface NamedText {
  readonly path: string;
  readonly en: string;
  readonly de: string | undefined;
  readonly most: number;
}

interface Described {
  readonly name: string;
  readonly description?: string;
  readonly description_localizations?: Localizations;
  readonly name_localizations?: Localizations;
  readonly options?: readonly Described[];
  readonly choices?: readonly Described[];
}

type Localizations = Readonly<Partial<Record<string, string | null>>> | null | undefined;

function textsOf(part: Described, path: string): NamedText[] {
  const here = `${path} ${part.name}`;
  const { description_localizations: localized, description: en = "" } = part;
  const described = { path: here, en, de: localized?.["de"] ?? undefined, most: MOST_DESCRIPTION };
  return [
    described,
    ...(part.options ?? []).flatMap((option) => textsOf(option, here)),
    ...(part.choices ?? []).map((choice) => toNameText(choice, here, MOST_CHOICE_NAME)),
  ];
}

function toNameText(
  { name, name_localizations: localized }: Described,
  path: string,
  most: number,
): NamedText {
  return { path, en: name, de: localized?.["de"] ?? undefined, most };
}

const slash = commands.flatMap(({ definition }) => textsOf(definition as Described, ""));
const menus = messageCommands.map(({ definition }) =>
  toNameText(definition as Described, "menu", MOST_MENU_NAME),
);

describe.each([...slash, ...menus])("$path: $en", ({ de, en, most }) => {
  it("is there in German, and fits", () => {
    expect(en.trim()).not.toBe("");
    expect(en.length).toBeLessThanOrEqual(most);
    expect(de?.length).toBeGreaterThan(0);
    expect(de?.length).toBeLessThanOrEqual(most);
    expect(de === en).toBe(SAME.has(en));
  });
});

it("finds commands, options, choices and menus", () => {
  expect(slash.map(({ path }) => path)).toEqual(
    expect.arrayContaining([
      " persona",
      " persona use",
      " persona use scope",
      " history export format",
    ]),
  );
  expect(menus.map(({ en }) => en)).toContain("Fork from here");
});
