import type { Instruction, Pattern } from "./compile-pattern.ts";
import type { Assertion } from "./parse-pattern.ts";

/** Shared by the searches that must not take longer all together. */
export interface StepBudget {
  left: number;
}

const WORD = /^\w$/;

/**
 * Whether the text has a match anywhere. All ways to match are followed at once, so that no
 * expression takes more than its length for each character; once the budget is spent, none is found.
 *
 * @see https://swtch.com/~rsc/regexp/regexp2.html
 */
export function findPattern(pattern: Pattern, text: string, budget: StepBudget): boolean {
  const characters = pattern.isUnicode ? Array.from(text) : text.split("");
  const search = new Search(pattern, characters, budget);
  for (let position = 0; position <= characters.length; position += 1) {
    if (search.advance(position)) return true;
    if (budget.left <= 0) return false;
  }
  return false;
}

class Search {
  readonly #pattern: Pattern;
  readonly #characters: readonly string[];
  readonly #budget: StepBudget;
  /** For each instruction, the last position at which it was reached. */
  readonly #reachedAt: number[];
  /** Those that wait for the next character. */
  #waiting: number[] = [];

  constructor(pattern: Pattern, characters: readonly string[], budget: StepBudget) {
    this.#pattern = pattern;
    this.#characters = characters;
    this.#budget = budget;
    this.#reachedAt = pattern.instructions.map(() => -1);
  }

  /** Whether a match ends at this position. */
  advance(position: number): boolean {
    const before = this.#characters[position - 1];
    const arriving = [0];
    for (const index of this.#waiting) {
      const instruction = this.#pattern.instructions[index];
      const isOn = instruction?.kind === "character" && before !== undefined;
      if (isOn && instruction.isMatch(before)) arriving.push(index + 1);
    }
    this.#waiting = [];
    return this.#spread(arriving, position);
  }

  #spread(arriving: number[], position: number): boolean {
    for (let index = arriving.pop(); index !== undefined; index = arriving.pop()) {
      if (this.#reachedAt[index] === position) continue;
      this.#reachedAt[index] = position;
      this.#budget.left -= 1;
      const instruction = this.#pattern.instructions[index];
      if (instruction === undefined || instruction.kind === "match") return true;
      arriving.push(...this.#follow(instruction, index, position));
    }
    return false;
  }

  #follow(instruction: Instruction, index: number, position: number): readonly number[] {
    switch (instruction.kind) {
      case "character":
        this.#waiting.push(index);
        return [];
      case "assertion":
        return this.#holds(instruction.source, position) ? [index + 1] : [];
      case "split":
        return instruction.targets;
      case "match":
        return [];
      default:
        return instruction satisfies never;
    }
  }

  #holds(assertion: Assertion, position: number): boolean {
    const before = this.#characters[position - 1];
    const after = this.#characters[position];
    switch (assertion) {
      case "^":
        return before === undefined || (this.#pattern.isMultiline && before === "\n");
      case "$":
        return after === undefined || (this.#pattern.isMultiline && after === "\n");
      case "\\b":
        return isWord(before) !== isWord(after);
      case "\\B":
        return isWord(before) === isWord(after);
      default:
        return assertion satisfies never;
    }
  }
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && WORD.test(character);
}
