import type { PromptMessage } from "../ports.ts";
import { expandNames } from "./expand-names.ts";
import type { MeantWords } from "./expand-names.ts";

const START = /^[ \t]*<START>[ \t]*$/gim;

/** A line of which the speaker is named, before any name is put in: names may hold anything. */
const SPOKEN = /^[ \t]*(?:\{\{\s*(char|user)\s*\}\}|<(bot|user)>)[ \t]*:[ \t]?/i;

/**
 * The turns of each block of an example dialogue; lines without a speaker go on with the turn before
 * them. What stands before the first speaker is the persona's.
 */
export function parseExampleDialogue(text: string, names: MeantWords): readonly PromptMessage[][] {
  return text
    .split(START)
    .map((block) => parseBlock(block, names))
    .filter((turns) => turns.length > 0);
}

interface OpenTurn {
  readonly role: "user" | "assistant";
  readonly lines: string[];
}

function parseBlock(block: string, names: MeantWords): PromptMessage[] {
  const turns: OpenTurn[] = [];
  for (const line of block.split(/\r?\n/)) {
    const spoken = SPOKEN.exec(line);
    if (spoken === null) {
      openTurn(turns).lines.push(line);
      continue;
    }
    const isUser = (spoken[1] ?? spoken[2] ?? "").toLowerCase() === "user";
    turns.push({ role: isUser ? "user" : "assistant", lines: [line.slice(spoken[0].length)] });
  }
  return turns
    .map(({ lines, role }) => ({ role, text: expandNames(lines.join("\n"), names).trim() }))
    .filter((turn) => turn.text !== "");
}

function openTurn(turns: OpenTurn[]): OpenTurn {
  const last = turns.at(-1);
  if (last !== undefined) return last;
  const first: OpenTurn = { role: "assistant", lines: [] };
  turns.push(first);
  return first;
}
