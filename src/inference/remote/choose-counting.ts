import type { PromptMessage } from "../../chat/ports.ts";
import { ESTIMATE_BASIS } from "./estimate-tokens.ts";
import type { ServerTokenizer } from "./server-tokenizer.ts";
import type { CountSource, LocalTokenizer } from "./token-counter.ts";

/** Where nothing is known of the template: a header, and a short system prompt of its own. */
const UNKNOWN_OVERHEAD_TOKENS = 48;

const ESTIMATE: CountSource = {
  name: "estimate",
  basis: ESTIMATE_BASIS,
  overheadTokens: UNKNOWN_OVERHEAD_TOKENS,
  count: undefined,
};

/** The server knows best; a local copy of its model is as good; else there is an estimate. */
export async function chooseCounting(
  model: string,
  server: ServerTokenizer | undefined,
  local: LocalTokenizer | undefined,
): Promise<CountSource> {
  if (server !== undefined)
    return {
      name: "exact (server)",
      basis: `server/${model}`,
      overheadTokens: await measureOverhead(server),
      count: (message) => server.countTurn(message),
    };
  if (local === undefined) return ESTIMATE;
  return {
    name: "exact (local GGUF)",
    basis: local.countBasis,
    overheadTokens: local.overheadTokens,
    count: (message) => local.countTokens(message),
  };
}

const QUESTION: PromptMessage = { role: "user", text: "a" };
const SYSTEM: PromptMessage = { role: "system", text: "a" };

/** With and without a system prompt: some templates bring one of their own. */
async function measureOverhead(server: ServerTokenizer): Promise<number> {
  const measure = async (messages: readonly PromptMessage[]): Promise<number> => {
    const counts = await Promise.all(messages.map((message) => server.countTurn(message)));
    return counts.reduce((rest, count) => rest - count, await server.countPrompt(messages));
  };
  const measured = await Promise.allSettled([measure([QUESTION]), measure([SYSTEM, QUESTION])]);
  const overheads = measured.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
  return overheads.length === 0 ? UNKNOWN_OVERHEAD_TOKENS : Math.max(0, ...overheads);
}
