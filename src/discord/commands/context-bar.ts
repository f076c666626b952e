import type { ContextDescription, ContextPart } from "../../chat/prompt/describe-context.ts";
import { contextPartTexts, contextTexts } from "../texts/context.ts";
import type { Language } from "../texts/text.ts";

const BAR_CELLS = 24;

const BLOCKS: Readonly<Record<ContextPart["name"], string>> = {
  frame: "▌",
  system: "█",
  notes: "▙",
  examples: "▚",
  summary: "▟",
  history: "▓",
  recall: "▛",
  lorebook: "▞",
  instructions: "▐",
  reserve: "▒",
  free: "░",
};

/** A bar of blocks, and a line for each part that is there, with its exact tokens. */
export function describeContextBar(
  { contextTokens, parts }: Pick<ContextDescription, "contextTokens" | "parts">,
  language: Language,
): string {
  const present = parts.filter(({ tokens }) => tokens > 0);
  const amounts = present.map(({ tokens }) => tokens);
  const cells = toCells(amounts, BAR_CELLS);
  const bar = present.map(({ name }, index) => BLOCKS[name].repeat(cells[index] ?? 0));
  const legend = present.map(({ name, tokens }) => {
    return toLine(BLOCKS[name], contextPartTexts[name][language], tokens);
  });
  const window = toLine(" ", contextTexts.window[language], contextTokens);
  return [bar.join(""), ...legend, window].join("\n");
}

function toLine(block: string, label: string, tokens: number): string {
  const number = String(tokens);
  return `${block} ${label.padEnd(BAR_CELLS - 2 - number.length)}${number}`;
}

/**
 * Shares out the cells of a bar in proportion. Whatever is there gets one cell at least, so there
 * have to be as many cells as amounts, and one amount above zero.
 */
export function toCells(amounts: readonly number[], cells: number): readonly number[] {
  const total = amounts.reduce((sum, amount) => sum + amount, 0);
  const shares = amounts.map((amount) => (amount / total) * cells);
  const given = shares.map((share) => (share > 0 ? Math.max(1, Math.floor(share)) : 0));
  for (;;) {
    const missing = given.reduce((rest, count) => rest - count, cells);
    if (missing === 0) return given;
    const step = Math.sign(missing);
    const index = findFarthest(shares, given, step);
    given[index] = (given[index] ?? 0) + step;
  }
}

/** The part that has too little (`step` 1), or too much and more than one cell (`step` -1). */
function findFarthest(shares: readonly number[], given: readonly number[], step: number): number {
  const lacks = shares.map((share, index) => {
    const has = given[index] ?? 0;
    return step < 0 && has <= 1 ? -Infinity : (share - has) * step;
  });
  return lacks.indexOf(Math.max(...lacks));
}
