import { describe, expect, it } from "vitest";
import { createCardFiles } from "../src/card-files.ts";
import type { Card } from "../src/cards/card.ts";
import { readCard } from "../src/cards/read-card.ts";
import { BUILT_IN_PERSONAS } from "../src/chat/persona/built-in.ts";
import { CARD_FORMATS } from "../src/chat/persona/card-files.ts";
import { createPersonaContent } from "../src/chat/persona/persona.ts";
import type { PersonaContent } from "../src/chat/persona/persona.ts";
import { SOUND_FILES } from "./cards/card-files.ts";

const files = createCardFiles();

/** All that the model or people see of a card; its original is looked at elsewhere. */
function contentOf(card: Card): Omit<Card, "source"> {
  const { source: _, ...content } = card;
  return content;
}

const CARD = {
  spec: "chara_card_v3",
  spec_version: "3.0",
  data: {
    name: "Aqua",
    description: `A goddess of water. ${"She cries a lot. ".repeat(600)}`,
    personality: "proud{{newline}}silly {{// a secret }}",
    scenario: "An inn.",
    first_mes: "Hello, {{user}}! I am <BOT>.",
    alternate_greetings: ["Morning!", "Evening!"],
    mes_example: "<START>\n{{user}}: Hi\n{{char}}: Bow!",
    system_prompt: "{{original}}You are {{char}}.",
    post_history_instructions: "Stay silly.",
    creator_notes: "Be kind.",
    creator: "Someone",
    tags: ["water"],
    extensions: { "someone/else": { deep: [1, null] } },
    character_book: { entries: [], extensions: {} },
  },
};

function toBytes(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

async function importCard(): Promise<PersonaContent> {
  return (await files.read(toBytes(CARD), "aqua.json")).content;
}

/** What `write` makes of a persona, read as a card. */
async function readBack(content: PersonaContent, format: (typeof CARD_FORMATS)[number]) {
  return await readCard(await files.write(content, format));
}

describe("a card that is imported", () => {
  it("becomes a persona, with all macros resolved but the names", async () => {
    const { content, cut } = await files.read(toBytes(CARD), "aqua.json");
    expect(content).toMatchObject({
      name: "Aqua",
      systemPrompt: "You are {{char}}.",
      personality: "proud\nsilly ",
      greeting: "Hello, {{user}}! I am {{char}}.",
      alternateGreetings: ["Morning!", "Evening!"],
      postHistoryInstructions: "Stay silly.",
    });
    expect(cut).toEqual(["description"]);
    expect(content.description).toHaveLength(8_000);
    expect(createPersonaContent(content)).toEqual(content);
  });

  it.each(CARD_FORMATS)(
    "comes out as it was in %s, also from the database's JSON",
    async (format) => {
      const content = JSON.parse(JSON.stringify(await importCard())) as PersonaContent;
      const card = await readBack(content, format);
      const original = await readCard(toBytes(CARD));
      const { avatar: _avatar, source: _source, ...fields } = card;
      const { avatar: _none, source: _other, ...expected } = original;
      expect(fields).toEqual(expected);
      expect(card.source["data"]).toMatchObject({
        extensions: CARD.data.extensions,
        creator_notes: "Be kind.",
      });
    },
  );

  it.each(SOUND_FILES.map((file) => [file.fileName, file] as const))(
    "loses nothing by being a persona for a while: %s",
    async (_name, { bytes, fileName }) => {
      const { content } = await files.read(bytes, fileName);
      const stored = JSON.parse(JSON.stringify(content)) as PersonaContent;
      const original = await readCard(bytes, fileName);
      for (const format of ["v3-json", "v2-json"] as const) {
        const card = await readBack(stored, format);
        expect({ ...contentOf(card), avatar: undefined }).toEqual({
          ...contentOf(original),
          avatar: undefined,
        });
      }
      const { avatar } = await readBack(stored, "v3-png");
      expect(avatar?.type).toBe("image/png");
    },
  );

  it.each([
    [
      "{{CHAR}} and {{ user }}, <BOT>, <char>, <USER>",
      "{{char}} and {{user}}, {{char}}, {{char}}, {{user}}",
    ],
    ["{{random::one}} {{random:one}} {{pick::one}} {{roll:1d1}}", "one one one 1"],
    ["{{reverse:{{random::abc}}}}{{noop}}{{// why }}{{comment: why}}", "cba"],
    ["a\n{{trim}}\nb{{newline}}c", "ab\nc"],
    ["{{original}}Be kind.", "Be kind."],
    [
      "{{date}} {{time}} {{getvar::x}} {{unknown}} {{",
      "{{date}} {{time}} {{getvar::x}} {{unknown}} {{",
    ],
  ])(
    "has the macros of %j resolved in a persona, and as they were in a card",
    async (text, meant) => {
      const original = { ...CARD, data: { ...CARD.data, description: text } };
      const { content } = await files.read(toBytes(original), "aqua.json");
      expect(content.description).toBe(meant);
      for (const format of CARD_FORMATS) {
        expect((await readBack(content, format)).description).toBe(text);
      }
    },
  );

  it("calls its character by the nickname wherever no line begins with it", async () => {
    const nicknamed = { ...CARD.data, nickname: "Aq" };
    const { content } = await files.read(toBytes({ ...CARD, data: nicknamed }), "aqua.json");
    expect(content).toMatchObject({
      name: "Aqua",
      systemPrompt: "You are Aq.",
      greeting: "Hello, {{user}}! I am Aq.",
      exampleDialogue: CARD.data.mes_example,
    });
    const card = await readBack(content, "v2-json");
    expect(card).toMatchObject({ nickname: "Aq", systemPrompt: CARD.data.system_prompt });
  });

  it("comes out with what was changed since", async () => {
    const imported = await importCard();
    const changed = {
      ...imported,
      name: "Aqua II",
      scenario: "A temple.",
      alternateGreetings: ["Noon!"],
    };
    const card = await readBack(changed, "v2-json");
    const original = await readCard(toBytes(CARD));
    expect(card).toMatchObject({
      name: "Aqua II",
      scenario: "A temple.",
      alternateGreetings: ["Noon!"],
      description: original.description,
    });
  });

  it("keeps its picture", async () => {
    const picture = await files.write(await importCard(), "v3-png");
    const { content } = await files.read(picture, "aqua.png");
    const card = await readBack(content, "v3-png");
    expect(card.avatar).toEqual((await readCard(picture)).avatar);
    expect(card.avatar?.type).toBe("image/png");
  });
});

it.each(BUILT_IN_PERSONAS.map((persona) => [persona.name, persona] as const))(
  "gives %s, which came from no card, as one",
  async (_name, persona) => {
    const { content, cut } = await files.read(await files.write(persona, "v3-png"), "x.png");
    const { card: _card, ...fields } = content;
    expect([fields, cut]).toEqual([persona, []]);
  },
);
