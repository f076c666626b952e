import type { LlamaModel, Token } from "node-llama-cpp";
import type { Vocabulary } from "./vocabulary.ts";

export interface TextTokenizer {
  /** Tokens of a text as it stands after a control token or at the very beginning. */
  tokenize(text: string): Token[];
  /** Tokens of a text that goes on from other text: without the space some models begin with. */
  continue(text: string): Token[];
}

/**
 * Makes tokens of people's text, none of which is special. llama.cpp finds user-defined tokens in
 * any text, so the spelling of each special token is cut after its first character and the pieces
 * are tokenized one by one: the text that the model reads stays the same.
 */
export function createTextTokenizer(model: LlamaModel, vocabulary: Vocabulary): TextTokenizer {
  const cuts = toCutPattern([...vocabulary.specialTokens.keys()]);
  const special = new Set(vocabulary.specialTokens.values());
  const hasSpacePrefix =
    model.tokenize("a", false, "trimLeadingSpace").length !== model.tokenize("a").length ||
    model.tokenize("a", false, "trimLeadingSpace")[0] !== model.tokenize("a")[0];

  const tokenizePiece = (piece: string, isFirst: boolean): Token[] => {
    const trims = hasSpacePrefix && !isFirst;
    const tokens = model.tokenize(piece, false, trims ? "trimLeadingSpace" : undefined);
    if (!tokens.some((token) => special.has(token))) return tokens;
    return halves(piece).flatMap((half, index) => tokenizePiece(half, isFirst && index === 0));
  };
  const tokenizeAll = (text: string, isFirst: boolean): Token[] =>
    cutText(text, cuts).flatMap((piece, index) => tokenizePiece(piece, isFirst && index === 0));

  return {
    tokenize: (text) => tokenizeAll(text, true),
    continue: (text) => tokenizeAll(text, false),
  };
}

/** Matches the first character of every spelling, also of those that overlap. */
function toCutPattern(spellings: readonly string[]): RegExp | undefined {
  const cuttable = spellings.filter((spelling) => Array.from(spelling).length > 1);
  if (cuttable.length === 0) return undefined;
  return new RegExp(`(?=${cuttable.map(escapePattern).join("|")}).`, "gsu");
}

function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}

function cutText(text: string, cuts: RegExp | undefined): string[] {
  if (cuts === undefined) return [text];
  const ends = Array.from(text.matchAll(cuts), (match) => match.index + match[0].length);
  return [...ends, text.length].map((end, index) => text.slice(ends[index - 1] ?? 0, end));
}

/** Empty for a single character: what is special by itself cannot be said at all. */
function halves(piece: string): string[] {
  const characters = Array.from(piece);
  if (characters.length < 2) return [];
  const middle = Math.floor(characters.length / 2);
  return [characters.slice(0, middle).join(""), characters.slice(middle).join("")];
}
