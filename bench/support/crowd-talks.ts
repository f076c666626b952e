import type { Engine, PromptMessage } from "../../src/chat/ports.ts";
import { writeMessage } from "./bench-texts.ts";
import { CONTEXT_TOKENS } from "./local-engine.ts";
import { createRandom, createZipf } from "./random.ts";
import { timeReply } from "./timed-reply.ts";
import type { TimedReply } from "./timed-reply.ts";

export interface CrowdOptions {
  readonly engine: Engine;
  readonly conversations: number;
  readonly atOnce: number;
  readonly replyTokens: number;
  readonly questionTokens: number;
  /** Forgets everything of a conversation before and after each of its replies. */
  readonly forgets: boolean;
  readonly signal: AbortSignal;
}

export interface Crowd {
  /** Takes this many turns, as many at once as said, drawn in the same order in every crowd. */
  takeTurns(count: number): Promise<readonly TimedReply[]>;
}

const SEED = 20;
/** More than any conversation has, so that each of its questions has a seed of its own. */
const MOST_TURNS = 100_000;
/** A prompt that is longer loses its oldest turns, and some more, so that it stays for a while. */
const FULLEST_TOKENS = CONTEXT_TOKENS * 0.75;
const TRIMMED_TOKENS = CONTEXT_TOKENS * 0.5;
const SYSTEM: PromptMessage = {
  role: "system",
  text: "You are Familiar, a friendly assistant who answers in one short sentence.",
};

interface Conversation {
  readonly id: number;
  readonly turns: PromptMessage[];
  isBusy: boolean;
}

/** People in many conversations, few of which are talked in often. */
export function createCrowd(options: CrowdOptions): Crowd {
  const { atOnce, conversations: count } = options;
  const draw = createZipf(count, createRandom(SEED));
  const conversations = Array.from({ length: count }, (_, id) => createConversation(id + 1));
  /** Drawn, but busy when their turn came. */
  const waiting: Conversation[] = [];
  const next = (): Conversation => {
    const freed = waiting.findIndex(({ isBusy }) => !isBusy);
    const [first] = freed === -1 ? [] : waiting.splice(freed, 1);
    if (first !== undefined) return first;
    for (;;) {
      const drawn = conversations[draw()];
      if (drawn !== undefined && !drawn.isBusy) return drawn;
      if (drawn !== undefined) waiting.push(drawn);
    }
  };
  return {
    async takeTurns(turns) {
      const replies: TimedReply[] = [];
      let left = turns;
      const work = async (): Promise<void> => {
        while (left > 0) {
          left -= 1;
          replies.push(await takeTurn(options, next()));
        }
      };
      await Promise.all(Array.from({ length: atOnce }, work));
      return replies;
    },
  };
}

function createConversation(id: number): Conversation {
  return { id, turns: [], isBusy: false };
}

async function takeTurn(options: CrowdOptions, conversation: Conversation): Promise<TimedReply> {
  const { engine, forgets, questionTokens, replyTokens, signal } = options;
  const { id, turns } = conversation;
  conversation.isBusy = true;
  const opening = `${id} asks ${turns.length}:`;
  const question = { role: "user", tokens: questionTokens, opening } as const;
  const random = createRandom(id * MOST_TURNS + turns.length);
  turns.push(await writeMessage(engine, question, random));
  const isTrimmed = await trim(engine, turns);
  const messages = [SYSTEM, ...turns];
  const request = { conversationId: id, messages, isTrimmed, maxTokens: replyTokens, signal };
  if (forgets) await engine.forget(id);
  const reply = await timeReply(engine, request);
  if (forgets) await engine.forget(id);
  turns.push({ role: "assistant", text: reply.text });
  conversation.isBusy = false;
  return reply;
}

async function trim(engine: Engine, turns: PromptMessage[]): Promise<boolean> {
  const counts = await Promise.all(turns.map((turn) => engine.countTokens(turn)));
  let tokens = counts.reduce((sum, count) => sum + count, 0);
  if (tokens <= FULLEST_TOKENS) return false;
  let dropped = 0;
  // In pairs: a window begins with a question.
  for (; tokens > TRIMMED_TOKENS; dropped += 2) {
    tokens -= (counts[dropped] ?? 0) + (counts[dropped + 1] ?? 0);
  }
  turns.splice(0, dropped);
  return true;
}
