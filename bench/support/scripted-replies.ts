import { setImmediate } from "node:timers/promises";
import type { Engine, PromptMessage } from "../../src/chat/ports.ts";

const SENTENCES = [
  "The harbour lies quiet in the morning, and the boats come home one after another.",
  "Bread, a good cheese and some apples are all that you need for a day on the hill.\n\n",
  "```ts\nconst answer = 6 * 7;\n```\n",
  "It may well be: clear nights in autumn are cold ones, so take a warm coat with you. ",
];
const PIECE_LENGTH = 12;
/** Now and then a reply is so long that it fills a second message. */
const SENTENCES_IN = [2, 5, 3, 40];

/** Says something different each time, piece by piece, and remembers nothing. */
export function createScriptedReplies(): Engine {
  let replies = 0;
  return {
    modelName: "scripted",
    countBasis: "words",
    contextTokens: 4_096,
    overheadTokens: 3,
    parallelReplies: 4,
    countTokens: async (message) => countWords(message),
    forget: async () => {},
    async *generate({ messages, signal }) {
      replies += 1;
      const text = writeReply(replies);
      const startedAt = performance.now();
      let replyTokens = 0;
      for (let at = 0; at < text.length; at += PIECE_LENGTH) {
        await setImmediate();
        signal.throwIfAborted();
        replyTokens += 1;
        yield { type: "text-delta", text: text.slice(at, at + PIECE_LENGTH) };
      }
      const promptTokens = messages.reduce((sum, message) => sum + countWords(message), 3);
      const totalMs = performance.now() - startedAt;
      const usage = { promptTokens, reusedTokens: 0, replyTokens, firstTokenMs: 1, totalMs };
      yield { type: "end", reason: "stop", usage };
    },
  };
}

function writeReply(number: number): string {
  const count = SENTENCES_IN[number % SENTENCES_IN.length] ?? 1;
  return Array.from(
    { length: count },
    (_, index) => `${number}.${index} ${SENTENCES[(number + index) % SENTENCES.length] ?? ""}`,
  ).join(" ");
}

function countWords({ text }: PromptMessage): number {
  return (text.match(/\S+/g)?.length ?? 0) + 4;
}
