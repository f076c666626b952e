import type { RowId } from "../../src/chat/conversation.ts";
import { toChannelId, toMessageId, toUserId } from "../../src/chat/ids.ts";
import { recall } from "../../src/chat/memory/recall.ts";
import type { Recollection } from "../../src/chat/memory/recollection.ts";
import type { Engine, PromptMessage } from "../../src/chat/ports.ts";
import { composePrompt } from "../../src/chat/prompt/compose-prompt.ts";
import type { ComposedPrompt } from "../../src/chat/prompt/compose-prompt.ts";
import { SettingsLibrary } from "../../src/chat/settings/settings-library.ts";
import type { Store } from "../../src/store/open-store.ts";
import { clock } from "./answer-settings.ts";
import { toGenerationRequest } from "./local-engine.ts";

const FIRST_ID = 700_000_000_000_000_000n;
const SPEAKER = { id: toUserId("100000000000000003"), name: "Ada" };
const HEROES = "Dragon Baker Sailor Miller Queen Painter Shepherd Robin Giant Fox".split(" ");
const SETTINGS = {
  defaultSystemPrompt: "You are Familiar, a helpful assistant.",
  maxReplyTokens: 512,
  recallTokens: 512,
};

/** Where what is recalled stands in a prompt. */
export type Placing = "before the question" | "after the question" | "nowhere";

export interface LongTalk {
  readonly engine: Engine;
  readonly store: Store;
  readonly placing: Placing;
  readonly exchanges: number;
  readonly signal: AbortSignal;
}

/**
 * How much of all prompts of a long talk needed no evaluation, in percent. Every question is about
 * something that was talked about before, so that each prompt recalls as much as it may.
 */
export async function measureReusedShare(talk: LongTalk): Promise<number> {
  const { placing, store } = talk;
  const number = ["before the question", "after the question", "nowhere"].indexOf(placing);
  const placeId = toChannelId(String(FIRST_ID + BigInt(number)));
  const place = { kind: "direct", id: placeId } as const;
  const { id } = await store.conversations.open({ place, isParticipant: true });
  const recollection: Recollection = {
    find: (question) => recall(store.recall, question),
    note: () => {},
  };
  const sum = { prompt: 0, reused: 0 };
  for (let exchange = 0; exchange < talk.exchanges; exchange += 1) {
    talk.signal.throwIfAborted();
    const hero = HEROES[exchange % HEROES.length] ?? "";
    const text = `Tell me a short story about ${hero}.`;
    const conversation = await say(store, id, { number: 2 * exchange, text });
    if (conversation === undefined) throw new Error("A turn was not stored");
    const prompt = await composePrompt(
      {
        clock,
        conversations: store.conversations,
        engine: talk.engine,
        lore: { select: async () => undefined },
        notes: { read: async () => [] },
        recollection: placing === "nowhere" ? undefined : recollection,
        settings: new SettingsLibrary(store.settings),
      },
      conversation,
      SETTINGS,
    );
    const reply = await generate(talk, id, prompt);
    sum.prompt += reply.promptTokens;
    sum.reused += reply.reusedTokens;
    await say(store, id, { number: 2 * exchange + 1, text: reply.text, isReply: true });
  }
  return (100 * sum.reused) / sum.prompt;
}

interface Saying {
  readonly number: number;
  readonly text: string;
  readonly isReply?: boolean;
}

function say(store: Store, id: RowId, { isReply = false, number, text }: Saying) {
  const messageId = toMessageId(String(FIRST_ID + BigInt(number)));
  return store.conversations.record(
    id,
    isReply
      ? { messageId, role: "assistant", speaker: undefined, text }
      : { messageId, role: "user", speaker: SPEAKER, text },
  );
}

async function generate(
  { engine, placing, signal }: LongTalk,
  conversationId: RowId,
  { isTrimmed, maxTokens, messages: given }: ComposedPrompt,
) {
  const messages = placing === "after the question" ? toLate(given) : given;
  const request = toGenerationRequest({ conversationId, messages, isTrimmed, maxTokens, signal });
  let text = "";
  for await (const event of engine.generate(request)) {
    if (event.type === "text-delta") text += event.text;
    if (event.type === "end") return { ...event.usage, text };
  }
  throw new Error("A reply had no end");
}

function toLate(messages: readonly PromptMessage[]): readonly PromptMessage[] {
  const recalled = messages.filter(({ text }) => text.startsWith("What was said here long before"));
  return [...messages.filter((message) => !recalled.includes(message)), ...recalled];
}
