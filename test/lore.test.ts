import { describe, expect, it } from "vitest";
import { createCardFiles } from "../src/card-files.ts";
import type { LoreRequest } from "../src/chat/persona/lore.ts";
import type { PersonaVersion } from "../src/chat/persona/persona.ts";
import { toTimeWords } from "../src/chat/time/time-words.ts";
import { createLore } from "../src/lore.ts";
import { CountingEngine } from "./support/counting-engine.ts";
import { ada } from "./support/turns.ts";

const DRAGON = { keys: ["dragon"], content: "Dragons fear {{user}}.", enabled: true };

/** A persona that was imported from a card with these entries. */
async function importVersion(entries: readonly object[], fields: object = {}) {
  const data = { name: "Rosie", character_book: { entries }, ...fields };
  const bytes = Buffer.from(JSON.stringify({ spec: "chara_card_v2", data }));
  const { content } = await createCardFiles().read(bytes, "rosie.json");
  return { number: 1, content, changedBy: ada, changedAt: new Date(0) };
}

/** The personas with these versions, by their ids from 1 on; counts how often one is read. */
class Personas {
  reads = 0;
  failures = 0;
  readonly #versions: readonly PersonaVersion[];

  constructor(...versions: readonly PersonaVersion[]) {
    this.#versions = versions;
  }

  async version(personaId: number): Promise<PersonaVersion | undefined> {
    this.reads += 1;
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error("The database is away");
    }
    return this.#versions[personaId - 1];
  }
}

const request: LoreRequest = {
  personaId: 1,
  names: { char: "Rosie", user: "Ada" },
  messages: ["A dragon!"],
  turn: 3,
  maxTokens: 1_000,
};

describe("the lorebook of a card", () => {
  it("has its names put in, as the people who talk just then are called", async () => {
    const personas = new Personas(await importVersion([DRAGON]));
    const lore = createLore({ personas, engine: new CountingEngine() });
    await expect(lore.select(request)).resolves.toMatchObject({ late: ["Dragons fear Ada."] });
    const names = { char: "Rosie", user: "Ben" };
    await expect(lore.select({ ...request, names })).resolves.toMatchObject({
      late: ["Dragons fear Ben."],
    });
  });

  it("has the time put in, as it is when it is asked", async () => {
    const entries = [{ ...DRAGON, content: "On {{weekday}} dragons rest." }];
    const personas = new Personas(await importVersion(entries));
    const lore = createLore({ personas, engine: new CountingEngine() });
    const late = async (day: string) => {
      const time = toTimeWords(new Date(day), "UTC");
      return (await lore.select({ ...request, names: { ...request.names, time } }))?.late;
    };
    expect(await late("2026-11-23")).toEqual(["On Monday dragons rest."]);
    expect(await late("2026-11-24")).toEqual(["On Tuesday dragons rest."]);
  });

  it("calls its character by the nickname, where the card has one", async () => {
    const entries = [{ ...DRAGON, content: "{{char}} is a dragon." }];
    const personas = new Personas(await importVersion(entries, { nickname: "Ro" }));
    const lore = createLore({ personas, engine: new CountingEngine() });
    await expect(lore.select(request)).resolves.toMatchObject({ late: ["Ro is a dragon."] });
  });

  it("is read once, and its texts are counted once, however much is said", async () => {
    const personas = new Personas(await importVersion([DRAGON, { ...DRAGON, content: "Fire!" }]));
    const engine = new CountingEngine();
    const lore = createLore({ personas, engine });
    await Promise.all(Array.from({ length: 5 }, () => lore.select(request)));
    await lore.select({ ...request, messages: ["Another dragon"], turn: 5 });
    expect([personas.reads, engine.counted.length]).toEqual([1, 2]);
  });

  it("is read again after its persona could not be read", async () => {
    const personas = new Personas(await importVersion([DRAGON]));
    personas.failures = 1;
    const lore = createLore({ personas, engine: new CountingEngine() });
    await expect(lore.select(request)).rejects.toThrow("The database is away");
    await expect(lore.select(request)).resolves.toMatchObject({ late: ["Dragons fear Ada."] });
  });

  it("is none where there is no card, no entry, or no persona any more", async () => {
    const bare = { ...(await importVersion([])), number: 2 };
    const { card: _card, ...content } = bare.content;
    const personas = new Personas(bare, { ...bare, content });
    const lore = createLore({ personas, engine: new CountingEngine() });
    for (const personaId of [1, 2, 3]) {
      await expect(lore.select({ ...request, personaId })).resolves.toBeUndefined();
    }
  });

  it("lets chance decide once for each turn, whoever asks and however often", async () => {
    const chance = { extensions: { probability: 50, useProbability: true } };
    const entries = Array.from({ length: 20 }, (_, index) => ({
      ...DRAGON,
      ...chance,
      content: `${index}`,
    }));
    const version = await importVersion(entries);
    const select = async (turn: number) => {
      const lore = createLore({ personas: new Personas(version), engine: new CountingEngine() });
      return (await lore.select({ ...request, turn }))?.late ?? [];
    };
    const chosen = await select(3);
    expect(await select(3)).toEqual(chosen);
    expect(await select(5)).not.toEqual(chosen);
    expect(chosen.length).toBeGreaterThan(2);
    expect(chosen.length).toBeLessThan(18);
  });

  it("says the same whenever chance is within a text", async () => {
    const content = "{{random::one,two,three,four,five,six}} {{roll:1000}} {{pick::a,b}}";
    const version = await importVersion([{ ...DRAGON, content }]);
    const texts = Array.from({ length: 3 }, async (_, turn) => {
      const lore = createLore({ personas: new Personas(version), engine: new CountingEngine() });
      return (await lore.select({ ...request, turn }))?.late[0];
    });
    expect(new Set(await Promise.all(texts)).size).toBe(1);
  });
});
