import { expandMacro, type MacroSources } from "./macros/expand-macro.ts";
import type { MacroContext } from "./macros/macro-context.ts";
import { createPicks } from "./macros/picks.ts";
import { type Piece, renderPieces, textPiece, valuePiece } from "./macros/piece.ts";

/** Of three braces in a row, the inner two are the macro's. */
const SIGN = /\{\{(?!\{)|\}\}|<(?:user|bot|char)>/gi;
const OPENING = "{{";
const CLOSING = "}}";
/** Deeper braces are plain text, so that the work stays in proportion to the text. */
const MAX_DEPTH = 16;

/**
 * Puts names, dates and chances in place of their macros, in any case of letters; what is no macro
 * that we know stays as it is.
 *
 * @see https://github.com/kwaroran/character-card-spec-v3/blob/main/SPEC_V3.md#curly-braced-syntaxes
 */
export function expandMacros(text: string, context: MacroContext): string {
  const sources: MacroSources = { context, nextPick: createPicks(text) };
  /** The insides of the braces that are open, outermost first; the whole text is the first. */
  const open: Piece[][] = [[]];
  let end = 0;
  for (const { 0: sign, index } of text.matchAll(SIGN)) {
    open.at(-1)?.push(textPiece(text.slice(end, index)));
    end = index + sign.length;
    readSign(sign, open, sources);
  }
  open.at(-1)?.push(textPiece(text.slice(end)));
  while (open.length > 1) closeUnknown(open, "");
  return renderPieces(open[0] ?? []);
}

function readSign(sign: string, open: Piece[][], sources: MacroSources): void {
  if (sign === OPENING && open.length <= MAX_DEPTH) open.push([]);
  else if (sign === CLOSING && open.length > 1) close(open, sources);
  else if (sign.startsWith("<")) open.at(-1)?.push(valuePiece(nameFor(sign, sources.context)));
  else open.at(-1)?.push(textPiece(sign));
}

function close(open: Piece[][], sources: MacroSources): void {
  const expanded = expandMacro(open.at(-1) ?? [], sources);
  if (expanded === undefined) {
    closeUnknown(open, CLOSING);
    return;
  }
  open.pop();
  for (const piece of expanded) open.at(-1)?.push(piece);
}

function closeUnknown(open: Piece[][], closing: string): void {
  const inside = open.pop() ?? [];
  for (const piece of [textPiece(OPENING), ...inside, textPiece(closing)]) open.at(-1)?.push(piece);
}

function nameFor(sign: string, { char, user }: MacroContext): string {
  return sign.toLowerCase() === "<user>" ? user : char;
}
