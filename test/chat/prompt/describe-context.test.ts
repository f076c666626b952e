import {
  array,
  assert,
  asyncProperty,
  constantFrom,
  integer,
  option,
  property,
  record,
  string,
} from "fast-check";
import { describe, expect, it } from "vitest";
import { composePrompt } from "../../../src/chat/prompt/compose-prompt.ts";
import {
  describeContext,
  fillContext,
  renderRawPrompt,
} from "../../../src/chat/prompt/describe-context.ts";
import type {
  ContextDescription,
  ContextSources,
} from "../../../src/chat/prompt/describe-context.ts";
import { createPersonaContent } from "../../../src/chat/persona/persona.ts";
import type { PersonaContent } from "../../../src/chat/persona/persona.ts";
import { CountingEngine, tokensOf } from "../../support/counting-engine.ts";
import { noLore } from "../../support/no-lore.ts";
import { noNotes } from "../../support/no-notes.ts";
import { timeless } from "../../support/timeless.ts";
import { RecordingConversations } from "../../support/recording-conversations.ts";
import { conversationWith, direct, thread, turnAt } from "../../support/turns.ts";

const settings = { defaultSystemPrompt: "Be kind.", maxReplyTokens: 100 };

function tokensIn({ parts }: Pick<ContextDescription, "parts">): Record<string, number> {
  return Object.fromEntries(parts.map(({ name, tokens }) => [name, tokens]));
}

function sumOf(parts: readonly { readonly tokens: number }[]): number {
  return parts.reduce((sum, { tokens }) => sum + tokens, 0);
}

/** Twenty turns of 60 tokens, the oldest of which were reset away, in a context of 1,000. */
function createScene() {
  const turns = Array.from({ length: 20 }, (_turn, index) =>
    turnAt(index, { text: "x".repeat(57) }),
  );
  const conversations = new RecordingConversations(turns);
  conversations.conversation = conversationWith({ windowStart: 1 });
  return {
    conversations,
    engine: new CountingEngine({ contextTokens: 1_000 }),
    lore: noLore,
    notes: noNotes,
    ...timeless,
  };
}

async function look(
  sources: ContextSources,
  promptSettings = settings,
): Promise<ContextDescription> {
  const described = await describeContext(sources, promptSettings, direct.id);
  if (described === undefined) throw new Error("There is no conversation");
  return described;
}

type PersonaTexts = Pick<PersonaContent, "exampleDialogue" | "postHistoryInstructions">;

function createPersona({ exampleDialogue, postHistoryInstructions }: PersonaTexts) {
  const texts = { exampleDialogue, postHistoryInstructions };
  const content = createPersonaContent({ name: "Jack", ...texts });
  const held = {
    source: "place",
    isInherited: false,
    version: undefined,
    followsNewest: true,
  } as const;
  return { ...held, content };
}

describe("a place's context", () => {
  it("is undefined where there is no conversation", async () => {
    const sources = {
      conversations: new RecordingConversations(),
      engine: new CountingEngine(),
      lore: noLore,
      notes: noNotes,
      ...timeless,
    };
    expect(await describeContext(sources, settings, direct.id)).toBeUndefined();
  });

  it("says what each part takes, where the view begins and what is left out", async () => {
    const scene = createScene();
    const described = await look(scene);
    // 1,000 less frame, system prompt and reserve leave 884: too few for 19 turns, so 11 stay.
    expect(tokensIn(described)).toEqual({
      frame: 5,
      system: tokensOf("Be kind."),
      history: 660,
      reserve: 100,
      free: 224,
    });
    expect(described.edge).toEqual({ earlierTurns: 9, message: { id: "1009", place: thread } });
  });

  it("is exactly what the next reply reads, and looking stores nothing", async () => {
    const scene = createScene();
    const described = await look(scene);
    expect([scene.conversations.savedCounts, scene.conversations.moves]).toEqual([[], []]);
    const conversation = conversationWith({ windowStart: 1 });
    const composed = await composePrompt(scene, conversation, settings);
    expect(described.messages).toEqual(composed.messages);
    const { frame = 0, system = 0, history = 0 } = tokensIn(described);
    expect(frame + system + history).toBe(composed.promptTokens);
  });

  it("begins where it was reset when nothing was said since", async () => {
    const { conversations, engine } = createScene();
    conversations.conversation = conversationWith({ windowStart: 20 });
    const described = await look({
      conversations,
      engine,
      lore: noLore,
      notes: noNotes,
      ...timeless,
    });
    expect(described.edge).toEqual({ earlierTurns: 20, message: undefined });
    expect(tokensIn(described)["history"]).toBe(0);
  });

  it("has parts of their own for a persona's examples and last instructions", async () => {
    const { conversations, engine } = createScene();
    const persona = createPersona({
      exampleDialogue: "{{user}}: Hi\n{{char}}: Arr!",
      postHistoryInstructions: "Be brief.",
    });
    conversations.conversation = conversationWith({ persona, windowStart: 1 });
    const described = await look({
      conversations,
      engine,
      lore: noLore,
      notes: noNotes,
      ...timeless,
    });
    const { examples, instructions } = tokensIn(described);
    expect(instructions).toBe(tokensOf("Be brief."));
    expect(examples).toBe(tokensOf("Hi") + tokensOf("Arr!"));
  });

  it("always has parts that sum to the window", async () => {
    const text = string({ maxLength: 300 });
    const dialogue = array(constantFrom("<START>", "{{user}}: Hi", "{{char}}: Arr!"));
    const scenes = record({
      texts: array(text, { maxLength: 30 }),
      contextTokens: integer({ min: 512, max: 4_096 }),
      maxReplyTokens: integer({ min: 1, max: 8_192 }),
      systemPrompt: option(string({ maxLength: 600 }), { nil: undefined }),
      exampleDialogue: dialogue.map((lines) => lines.join("\n")),
      postHistoryInstructions: text,
    });
    await assert(
      asyncProperty(scenes, async ({ contextTokens, maxReplyTokens, systemPrompt, ...scene }) => {
        const turns = scene.texts.map((said, at) => turnAt(at, { text: said }));
        const conversations = new RecordingConversations(turns);
        const persona = createPersona(scene);
        conversations.conversation = conversationWith({ persona, systemPrompt });
        const sources = {
          conversations,
          engine: new CountingEngine({ contextTokens }),
          lore: noLore,
          notes: noNotes,
          ...timeless,
        };
        const { parts } = await look(sources, { ...settings, maxReplyTokens });
        expect(sumOf(parts)).toBe(contextTokens);
        expect(parts.every(({ tokens }) => tokens >= 0)).toBe(true);
      }),
    );
  });
});

it("gives the reply what is left, and nothing where the prompt outgrew the context", () => {
  const amounts = record({
    history: integer({ min: 0, max: 2_000 }),
    reserveTokens: integer({ min: 0, max: 1_000 }),
    contextTokens: integer({ min: 1, max: 1_000 }),
  });
  assert(
    property(amounts, ({ contextTokens, history, reserveTokens }) => {
      const outline = { parts: [{ name: "history", tokens: history }] as const, reserveTokens };
      const filled = fillContext(outline, contextTokens);
      expect(sumOf(filled)).toBe(Math.max(history, contextTokens));
      const { free = -1, reserve = -1 } = tokensIn({ parts: filled });
      expect(Math.min(free, reserve)).toBeGreaterThanOrEqual(0);
      expect(free === 0 || reserve === reserveTokens).toBe(true);
    }),
  );
});

describe("a raw prompt", () => {
  it("shows the control tokens where they stand", () => {
    const messages = [
      { role: "system", text: "Be kind." },
      { role: "user", text: "Hello" },
    ] as const;
    expect(renderRawPrompt(messages)).toEqual({
      text: "<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n",
      lookalikes: 0,
    });
  });

  it("counts every control token that is only text", () => {
    const piece = constantFrom("<|im_start|>", "<|im_end|>", "system\n", "a", "<|", "|>");
    assert(
      property(array(array(piece, { maxLength: 8 }), { maxLength: 6 }), (written) => {
        const messages = written.map(
          (pieces) => ({ role: "user", text: pieces.join("") }) as const,
        );
        const { lookalikes, text } = renderRawPrompt(messages);
        const all = text.split(/<\|im_(?:start|end)\|>/).length - 1;
        expect(all - lookalikes).toBe(2 * messages.length + 1);
      }),
    );
  });
});
