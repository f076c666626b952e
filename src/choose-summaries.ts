import type { Config } from "./config.ts";
import type { OpenedEngine } from "./open-engine.ts";

/** What is sold as a model of 3 B has at least so many; one of 2 B has less. */
const FEWEST_PARAMETERS = 2.75e9;

export interface SummaryChoice {
  readonly isOn: boolean;
  /** For people. */
  readonly fact: string;
}

/** What a smaller model writes about a conversation helps nobody. A server's is taken for large. */
export function chooseSummaries(
  { chat }: Pick<Config, "chat">,
  { parameters }: Pick<OpenedEngine, "parameters">,
): SummaryChoice {
  if (chat.summaries !== "auto") {
    return { isOn: chat.summaries === "on", fact: `${chat.summaries}, as SUMMARIES says` };
  }
  if (parameters === undefined) return { isOn: true, fact: "on: the server's model writes them" };
  const size = `the model has ${toAmount(parameters)} parameters`;
  return parameters >= FEWEST_PARAMETERS
    ? { isOn: true, fact: `on: ${size}` }
    : { isOn: false, fact: `off: ${size}, too few (SUMMARIES=on overrules it)` };
}

function toAmount(parameters: number): string {
  const [amount, unit] =
    parameters < 1e9 ? [parameters / 1e6, "million"] : [parameters / 1e9, "billion"];
  return `${amount.toFixed(amount < 10 ? 1 : 0)} ${unit}`;
}
