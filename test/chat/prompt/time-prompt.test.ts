import { array, assert, asyncProperty, constantFrom, integer, record, string } from "fast-check";
import { describe, expect, it } from "vitest";
import type { Turn } from "../../../src/chat/conversation.ts";
import { createPersonaContent } from "../../../src/chat/persona/persona.ts";
import type { EffectivePersona, PersonaContent } from "../../../src/chat/persona/persona.ts";
import { composePrompt } from "../../../src/chat/prompt/compose-prompt.ts";
import { CountingEngine, tokensOf } from "../../support/counting-engine.ts";
import { HandClock } from "../../support/hand-clock.ts";
import { noLore } from "../../support/no-lore.ts";
import { noNotes } from "../../support/no-notes.ts";
import { RecordingConversations } from "../../support/recording-conversations.ts";
import { createSettings } from "../../support/settings.ts";
import { conversationWith, ownTurnAt, turnAt } from "../../support/turns.ts";

const HOUR_MS = 3_600_000;

const settings = { defaultSystemPrompt: "Be kind.", maxReplyTokens: 100 };

interface Scene {
  readonly turns: readonly Turn[];
  readonly contextTokens?: number;
  readonly persona?: EffectivePersona;
  readonly timeZone?: string;
}

function createScene({ contextTokens = 4_096, persona, timeZone = "UTC", turns }: Scene) {
  const clock = new HandClock();
  const conversations = new RecordingConversations(turns);
  const engine = new CountingEngine({ contextTokens });
  const { settings: library } = createSettings({ tellTime: true, timeZone });
  const told = { clock, settings: library };
  const sources = { engine, conversations, lore: noLore, notes: noNotes, ...told };
  const compose = () => composePrompt(sources, conversationWith({ persona }), settings);
  return { clock, compose, conversations, engine };
}

/** After so many hours since a Monday, 14:05 in UTC. */
function saidAfter(hours: number): Pick<Turn, "saidAt"> {
  return { saidAt: new Date(Date.UTC(2026, 10, 23, 14, 5) + hours * HOUR_MS) };
}

function inUse(content: Partial<PersonaContent>): EffectivePersona {
  const full = createPersonaContent({ name: "Rosie", ...content });
  const used = { source: "place", isInherited: false, followsNewest: true } as const;
  return { ...used, content: full, version: undefined };
}

describe("marks of time in a prompt", () => {
  const turns = [
    turnAt(1, saidAfter(0)),
    ownTurnAt(2, saidAfter(0)),
    turnAt(3, saidAfter(72)),
    ownTurnAt(4, saidAfter(72)),
  ];

  it("are the system's words before what was said, where the place's clocks are", async () => {
    const { compose } = createScene({ turns, timeZone: "Europe/Berlin" });
    const { messages } = await compose();
    expect(messages.map(({ role, text }) => `${role}: ${text}`)).toEqual([
      "system: Be kind.",
      "system: [Monday, 23 November 2026]",
      "user: Turn 1",
      "assistant: Turn 2",
      "system: [3 days later: Thursday, 26 November 2026, 15:05]",
      "user: Turn 3",
      "assistant: Turn 4",
    ]);
  });

  it("count, and leave the counts of the turns as they are", async () => {
    const { compose, conversations } = createScene({ turns });
    const { messages, promptTokens } = await compose();
    expect(promptTokens).toBe(messages.reduce((sum, { text }) => sum + tokensOf(text), 5));
    const counts = [...(conversations.savedCounts[0]?.values() ?? [])];
    expect(counts).toEqual(turns.map(() => ({ tokens: tokensOf("Turn 1"), basis: "units/plain" })));
  });

  it("stand after the persona's examples, right before the history", async () => {
    const persona = inUse({ exampleDialogue: "{{user}}: Hi\n{{char}}: Meow" });
    const { messages } = await createScene({ turns, persona }).compose();
    const texts = messages.map(({ text }) => text);
    expect(texts.slice(0, 4)).toEqual(["Be kind.", "Hi", "Meow", "[Monday, 23 November 2026]"]);
  });

  it("begin with the first turn that stays, now and in the next prompt", async () => {
    const long = Array.from({ length: 20 }, (_turn, at) =>
      turnAt(at, { text: "x".repeat(57), ...saidAfter(at * 30) }),
    );
    const { compose, conversations } = createScene({ turns: long, contextTokens: 1_000 });
    const { isTrimmed, messages } = await compose();
    expect(isTrimmed).toBe(true);
    expect(messages[1]?.text).toMatch(/^\[[A-Z][a-z]+day, \d+ [A-Z][a-z]+ 2026\]$/);
    expect(messages[3]?.text).toMatch(/^\[1 day later: /);
    const again = await compose();
    expect(again.isTrimmed).toBe(false);
    expect(again.messages).toEqual(messages);
    expect(conversations.moves).toHaveLength(1);
  });
});

describe("macros of time", () => {
  const turns = [turnAt(1)];

  it("are the hour in what is evaluated once, and the minute in the last instructions", async () => {
    const words = "{{date}}, {{time}}";
    const persona = inUse({
      description: words,
      exampleDialogue: `{{char}}: ${words}`,
      postHistoryInstructions: words,
    });
    const { clock, compose } = createScene({ turns, persona });
    const texts = async () => (await compose()).messages.map(({ text }) => text);
    const hour = "November 23, 2026, 2:00 PM";
    const steady = [`You are Rosie.\n\n${hour}`, hour, "[Monday, 23 November 2026]", "Turn 1"];
    expect(await texts()).toEqual([...steady, "November 23, 2026, 2:05 PM"]);
    clock.advance(HOUR_MS / 2);
    expect(await texts()).toEqual([...steady, "November 23, 2026, 2:35 PM"]);
  });

  it("in a name stay as they are", async () => {
    const persona = inUse({ name: "{{date}}", description: "I am {{char}}." });
    const { messages } = await createScene({ turns, persona }).compose();
    expect(messages[0]?.text).toBe("You are {{date}}.\n\nI am {{date}}.");
  });
});

it("only appends to the prompt while people talk on, whenever they do", async () => {
  const pauses = array(integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 20 });
  await assert(
    asyncProperty(pauses, constantFrom("UTC", "America/New_York"), async (hours, timeZone) => {
      const { clock, compose, conversations } = createScene({ turns: [], timeZone });
      let before: readonly string[] = [];
      for (const [index, pause] of hours.entries()) {
        clock.advance(pause * HOUR_MS);
        const saidAt = clock.date();
        const turns = [turnAt(2 * index, { saidAt }), ownTurnAt(2 * index + 1, { saidAt })];
        conversations.turns = [...conversations.turns, ...turns];
        const texts = (await compose()).messages.map(({ text }) => text);
        expect(texts.slice(0, before.length)).toEqual(before);
        before = texts;
      }
    }),
  );
});

it("fits into the context with its marks, however small that is, and however long people paused", async () => {
  const said = array(
    record({
      isOwn: constantFrom(true, false),
      text: string({ minLength: 1, maxLength: 400 }),
      hours: integer({ min: 0, max: 100 }),
    }),
    { minLength: 1, maxLength: 30, size: "max" },
  );
  const prompts = string({ maxLength: 1_000, size: "max" });
  await assert(
    asyncProperty(said, integer({ min: 256, max: 2_048 }), prompts, async (given, ...limits) => {
      const [contextTokens, description] = limits;
      let after = 0;
      const turns = given.map(({ hours, isOwn, text }, position) => {
        after += hours;
        const turn = { text, ...saidAfter(after) };
        return isOwn ? ownTurnAt(position, turn) : turnAt(position, turn);
      });
      const scene = createScene({ turns, contextTokens, persona: inUse({ description }) });
      const { maxTokens, messages, promptTokens } = await scene.compose();
      expect(promptTokens).toBe(messages.reduce((sum, { text }) => sum + tokensOf(text), 5));
      expect(promptTokens + maxTokens).toBeLessThanOrEqual(contextTokens);
      expect(maxTokens).toBeGreaterThan(0);
      expect(messages.at(-1)?.role).toBe(turns.at(-1)?.role);
    }),
  );
});
