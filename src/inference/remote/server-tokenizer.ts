import type { PromptMessage } from "../../chat/ports.ts";
import { listAt, numberAt, textAt } from "./json-value.ts";
import { ServerFailure } from "./server-failure.ts";

/** Asks the server at `path`; rejects with what went wrong. */
export type Ask = (path: string, body?: unknown) => Promise<unknown>;

/** Both reject where the server does not answer as it should. */
export interface ServerTokenizer {
  /** A message alone, its control tokens included. */
  countTurn(message: PromptMessage): Promise<number>;
  /** A whole prompt as the server's own template writes it, the reply's header included. */
  countPrompt(messages: readonly PromptMessage[]): Promise<number>;
}

const QUESTION: PromptMessage = { role: "user", text: "a" };

/**
 * Finds out which tokenizer endpoint a server has. Undefined where it has none.
 * https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md
 * https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html#tokenizer-api
 */
export async function findTokenizer(
  ask: Ask,
  { kind, model }: { readonly kind: string; readonly model: string },
): Promise<ServerTokenizer | undefined> {
  if (kind === "Familiar") return openFamiliarTokenizer(ask).catch(() => undefined);
  for (const tokenizer of [createLlamaTokenizer(ask), createVllmTokenizer(ask, model)]) {
    const tokens = await tokenizer.countTurn(QUESTION).catch(() => 0);
    if (tokens > 0) return tokenizer;
  }
  return undefined;
}

/**
 * ChatML as a plain text: exact where the model speaks it, for its control tokens are found in the
 * text, and elsewhere more than what any template adds to a message.
 */
function toTurnText({ role, text }: PromptMessage): string {
  return `<|im_start|>${role}\n${text}<|im_end|>\n`;
}

function createLlamaTokenizer(ask: Ask): ServerTokenizer {
  const count = async (content: string, addsBeginning: boolean): Promise<number> => {
    const answer = await ask("/tokenize", { content, add_special: addsBeginning });
    return listAt(answer, "tokens").length;
  };
  return {
    countTurn: (message) => count(toTurnText(message), false),
    async countPrompt(messages) {
      const answer = await ask("/apply-template", { messages: toJson(messages) });
      return count(textAt(answer, "prompt") ?? "", true);
    },
  };
}

function createVllmTokenizer(ask: Ask, model: string): ServerTokenizer {
  const count = async (of: Readonly<Record<string, unknown>>): Promise<number> => {
    const body = { model, ...of, add_special_tokens: false };
    return requireCount(await ask("/tokenize", body));
  };
  return {
    countTurn: (message) => count({ prompt: toTurnText(message) }),
    countPrompt: (messages) => count({ messages: toJson(messages) }),
  };
}

/** Our own server reads text as text; a prompt takes the sum of its messages and its header. */
async function openFamiliarTokenizer(ask: Ask): Promise<ServerTokenizer> {
  const countPrompt = async (messages: readonly PromptMessage[]): Promise<number> =>
    requireCount(await ask("/tokenize", { messages: toJson(messages) }));
  const headerTokens =
    2 * (await countPrompt([QUESTION])) - (await countPrompt([QUESTION, QUESTION]));
  return {
    countTurn: async (message) => (await countPrompt([message])) - headerTokens,
    countPrompt,
  };
}

function requireCount(answer: unknown): number {
  const count = numberAt(answer, "count");
  if (count === undefined) throw new ServerFailure({ kind: "stream", code: "no-count" });
  return count;
}

/** Messages stay apart here: a count is of each of them. */
function toJson(messages: readonly PromptMessage[]) {
  return messages.map(({ role, text }) => ({ role, content: text }));
}
