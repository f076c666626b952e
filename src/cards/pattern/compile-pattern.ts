import { type Assertion, parsePattern, type PatternNode } from "./parse-pattern.ts";

export type Instruction =
  | { readonly kind: "character"; readonly isMatch: (character: string) => boolean }
  | { readonly kind: "assertion"; readonly source: Assertion }
  /** Goes on at each of these. */
  | { readonly kind: "split"; readonly targets: readonly number[] }
  | { readonly kind: "match" };

export interface Pattern {
  readonly instructions: readonly Instruction[];
  /** `u`: the text is read by whole characters. */
  readonly isUnicode: boolean;
  /** `m`: `^` and `$` are the ends of lines. */
  readonly isMultiline: boolean;
}

const MAX_LENGTH = 500;
const MAX_INSTRUCTIONS = 1_000;

/**
 * A regular expression for {@link findPattern}, which takes no more than so many steps for each
 * character whatever the expression; undefined for one that is no expression, or that it cannot do.
 */
export function compilePattern(source: string, flags: string): Pattern | undefined {
  if (source.length > MAX_LENGTH || !isExpression(source, flags)) return undefined;
  const tree = parsePattern(source);
  if (tree === undefined || !(countInstructions(tree) <= MAX_INSTRUCTIONS)) return undefined;
  const characterFlags = flags.replaceAll(/[^isu]/g, "");
  const instructions: Instruction[] = [];
  emit(tree, instructions, characterFlags);
  instructions.push({ kind: "match" });
  return {
    instructions,
    isUnicode: flags.includes("u"),
    isMultiline: flags.includes("m"),
  };
}

function isExpression(source: string, flags: string): boolean {
  try {
    return new RegExp(source, flags).source !== "";
  } catch {
    return false;
  }
}

/** No less than {@link emit} makes; absurd repeats make it infinite, or no number. */
function countInstructions(node: PatternNode): number {
  switch (node.kind) {
    case "character":
    case "assertion":
      return 1;
    case "sequence":
      return sum(node.parts);
    case "choice":
      return sum(node.options) + 2 * node.options.length;
    case "repeat": {
      const times = node.max === Infinity ? node.min + 1 : node.max;
      return times * (countInstructions(node.part) + 2);
    }
    default:
      return node satisfies never;
  }
}

function sum(nodes: readonly PatternNode[]): number {
  return nodes.reduce((total, node) => total + countInstructions(node), 0);
}

function emit(node: PatternNode, into: Instruction[], flags: string): void {
  switch (node.kind) {
    case "character":
      into.push({ kind: "character", isMatch: createTest(node.source, flags) });
      return;
    case "assertion":
      into.push({ kind: "assertion", source: node.source });
      return;
    case "sequence":
      for (const part of node.parts) emit(part, into, flags);
      return;
    case "choice":
      emitChoice(node.options, (option) => emit(option, into, flags), into);
      return;
    case "repeat":
      for (let count = 0; count < node.min; count += 1) emit(node.part, into, flags);
      emitOptional(node, () => emit(node.part, into, flags), into);
      return;
    default:
      node satisfies never;
  }
}

function emitChoice(
  options: readonly PatternNode[],
  emitOption: (option: PatternNode) => void,
  into: Instruction[],
): void {
  const split = into.push({ kind: "split", targets: [] }) - 1;
  const starts: number[] = [];
  const jumps: number[] = [];
  for (const option of options) {
    starts.push(into.length);
    emitOption(option);
    jumps.push(into.push({ kind: "split", targets: [] }) - 1);
  }
  into[split] = { kind: "split", targets: starts };
  for (const jump of jumps) into[jump] = { kind: "split", targets: [into.length] };
}

/** What may follow beyond the least number of times. */
function emitOptional(
  { min, max }: { readonly min: number; readonly max: number },
  emitPart: () => void,
  into: Instruction[],
): void {
  const times = max === Infinity ? 1 : max - min;
  const splits: number[] = [];
  for (let count = 0; count < times; count += 1) {
    splits.push(into.push({ kind: "split", targets: [] }) - 1);
    emitPart();
  }
  const [first] = splits;
  if (max === Infinity && first !== undefined) into.push({ kind: "split", targets: [first] });
  for (const split of splits) into[split] = { kind: "split", targets: [split + 1, into.length] };
}

/** The language's own meaning of a class or an escape, asked once for each character. */
function createTest(source: string, flags: string): (character: string) => boolean {
  const expression = new RegExp(`^(?:${source})$`, flags);
  const known = new Map<string, boolean>();
  return (character) => {
    const before = known.get(character);
    if (before !== undefined) return before;
    const isMatch = expression.test(character);
    known.set(character, isMatch);
    return isMatch;
  };
}
