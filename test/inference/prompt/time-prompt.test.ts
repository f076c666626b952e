import { afterAll, beforeAll, expect, it } from "vitest";
import { composePrompt } from "../../../src/chat/prompt/compose-prompt.ts";
import type { ComposedPrompt } from "../../../src/chat/prompt/compose-prompt.ts";
import {
  countCommonTokens,
  findDroppedTokens,
} from "../../../src/inference/llama/common-tokens.ts";
import { createChatMlFormat } from "../../../src/inference/prompt/chatml-format.ts";
import type { PromptFormat } from "../../../src/inference/prompt/prompt-format.ts";
import { readVocabulary } from "../../../src/inference/prompt/vocabulary.ts";
import { CountingEngine } from "../../support/counting-engine.ts";
import { HandClock } from "../../support/hand-clock.ts";
import { noLore } from "../../support/no-lore.ts";
import { noNotes } from "../../support/no-notes.ts";
import { RecordingConversations } from "../../support/recording-conversations.ts";
import { createSettings } from "../../support/settings.ts";
import { conversationWith, ownTurnAt, turnAt } from "../../support/turns.ts";
import { openVocabulary } from "../../support/vocabulary-model.ts";
import type { VocabularyModel } from "../../support/vocabulary-model.ts";

const HOUR_MS = 3_600_000;

const settings = { defaultSystemPrompt: "Be kind.", maxReplyTokens: 100 };

let demo: VocabularyModel;
let format: PromptFormat;
beforeAll(async () => {
  demo = await openVocabulary();
  format = createChatMlFormat(demo.model, readVocabulary(demo.model));
});
afterAll(() => demo[Symbol.asyncDispose]());

/** Talks, with pauses, until the window is trimmed; the two prompts around that. */
async function talkUntilTrimmed(hoursBetween: (turn: number) => number) {
  const clock = new HandClock();
  const conversations = new RecordingConversations();
  const engine = new CountingEngine({ contextTokens: 1_000 });
  const { settings: library } = createSettings({ tellTime: true });
  const told = { clock, settings: library };
  const sources = { engine, conversations, lore: noLore, notes: noNotes, ...told };
  let before: ComposedPrompt | undefined;
  for (let position = 0; position < 100; position += 2) {
    clock.advance(hoursBetween(position) * HOUR_MS);
    const saidAt = clock.date();
    conversations.turns = [...conversations.turns, turnAt(position, { saidAt })];
    const prompt = await composePrompt(sources, conversationWith(), settings);
    if (before !== undefined && prompt.isTrimmed) return { before, prompt };
    before = prompt;
    conversations.turns = [...conversations.turns, ownTurnAt(position + 1, { saidAt })];
  }
  throw new Error("Nothing was trimmed");
}

/** How many tokens of a prompt need not be evaluated, and how many there are. */
function reuse({ before, prompt }: Awaited<ReturnType<typeof talkUntilTrimmed>>) {
  const [old, fresh] = [before, prompt].map(
    ({ messages }) => format.toPrompt([...messages]).tokens,
  );
  if (old === undefined || fresh === undefined) throw new Error("There are two");
  const dropped = findDroppedTokens(old, fresh);
  const reused = dropped === undefined ? 0 : dropped.start + dropped.movedTokens;
  return { reused, fresh: fresh.length, common: countCommonTokens(old, fresh) };
}

it.each([
  ["nobody pauses", () => 0],
  ["there were pauses in it", (turn: number) => (turn === 10 || turn === 60 ? 3 : 0)],
  ["what stays followed a pause", (turn: number) => (turn >= 18 && turn <= 24 ? 2 : 0)],
])("lets what was evaluated move up when the window is trimmed and %s", async (_how, hours) => {
  const talked = await talkUntilTrimmed(hours);
  const { common, fresh, reused } = reuse(talked);
  // All but the newest exchange and the reply's header.
  expect(fresh - reused).toBeLessThan(40);
  expect(reused).toBeGreaterThan(2 * common);
});

it("has the window evaluated anew when it begins on another day from then on", async () => {
  const { common, reused } = reuse(await talkUntilTrimmed(() => 8));
  expect(Math.max(common, reused)).toBeLessThan(60);
});
