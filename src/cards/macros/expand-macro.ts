import type { MacroContext } from "./macro-context.ts";
import { type Piece, textPiece, valuePiece } from "./piece.ts";
import { rollDice } from "./roll-dice.ts";
import { splitOptions } from "./split-options.ts";

const COMMENT = /^\s*\/\//;
/** A name, and what it is followed by: nothing, or signs before its options. */
const HEAD = /^\s*([a-z_]+)\s*(::?|$)/i;
const ROLL_HEAD = /^\s*(roll)(\s)/i;

export interface MacroSources {
  readonly context: MacroContext;
  /** From 0 to 1: the next of those that are always the same for the same text. */
  readonly nextPick: () => number;
}

/** What the inside of a pair of braces becomes; undefined for a macro that is not known. */
export function expandMacro(
  inside: readonly Piece[],
  sources: MacroSources,
): readonly Piece[] | undefined {
  const [first, ...others] = inside;
  if (first?.kind !== "text") return undefined;
  if (COMMENT.test(first.text)) return [];
  const head = readHead(first.text);
  if (head === undefined) return undefined;
  const { name, sign, rest } = head;
  if (sign !== "") return expandCall({ name, sign, body: [textPiece(rest), ...others] }, sources);
  return others.length === 0 ? expandName(name, sources.context) : undefined;
}

function readHead(text: string) {
  const match = HEAD.exec(text) ?? ROLL_HEAD.exec(text);
  if (match === null) return undefined;
  const [head, name = "", sign = ""] = match;
  return { name: name.toLowerCase(), sign, rest: text.slice(head.length) };
}

interface Call {
  readonly name: string;
  /** What stands between the name and the options. */
  readonly sign: string;
  readonly body: readonly Piece[];
}

function expandName(name: string, context: MacroContext): readonly Piece[] | undefined {
  switch (name) {
    case "char":
      return [valuePiece(context.char)];
    case "user":
      return [valuePiece(context.user)];
    case "original":
      return context.original === undefined ? undefined : [valuePiece(context.original)];
    case "newline":
      return [valuePiece("\n")];
    case "trim":
      return [{ kind: "trim", text: "" }];
    case "noop":
      return [];
    default:
      return expandTime(name, context);
  }
}

function expandTime(
  name: string,
  { time }: Pick<MacroContext, "time">,
): readonly Piece[] | undefined {
  const text = new Map(Object.entries(time ?? {})).get(name);
  return text === undefined ? undefined : [valuePiece(text)];
}

function expandCall(
  { name, sign, body }: Call,
  { context, nextPick }: MacroSources,
): readonly Piece[] | undefined {
  switch (name) {
    case "comment":
    case "hidden_key":
      return [];
    case "random":
      return choose(splitOptions(body, sign), context.random());
    case "pick":
      return choose(splitOptions(body, sign), nextPick());
    case "reverse":
      return [valuePiece(Array.from(joinTexts(body)).toReversed().join(""))];
    case "roll": {
      const rolled = rollDice(joinTexts(body).trim(), context.random);
      return rolled === undefined ? undefined : [valuePiece(String(rolled))];
    }
    default:
      return undefined;
  }
}

function choose(options: readonly (readonly Piece[])[], chance: number): readonly Piece[] {
  return options[Math.min(options.length - 1, Math.floor(chance * options.length))] ?? [];
}

function joinTexts(pieces: readonly Piece[]): string {
  return pieces.map(({ text }) => text).join("");
}
