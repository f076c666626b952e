import { type Piece, textPiece } from "./piece.ts";

const COMMA = /(?<!\\),/;

/**
 * The options of a macro: parted by `::` where that stands before them, else by commas, of which
 * `\,` is none. Spaces around an option are no part of it.
 */
export function splitOptions(body: readonly Piece[], sign: string): readonly (readonly Piece[])[] {
  const separator = sign === "::" ? "::" : COMMA;
  // A list after `::` that has commas only is parted by them, as in `{{pick::a,b}}`.
  const hasPairs = body.some(({ kind, text }) => kind === "text" && text.includes("::"));
  return splitPieces(body, hasPairs ? separator : COMMA).map(trimOption);
}

function splitPieces(body: readonly Piece[], separator: RegExp | string): readonly Piece[][] {
  const options: Piece[][] = [];
  let option: Piece[] = [];
  for (const piece of body) {
    const [first = "", ...others] = piece.kind === "text" ? piece.text.split(separator) : [];
    option.push(piece.kind === "text" ? textPiece(unescape(first)) : piece);
    for (const text of others) {
      options.push(option);
      option = [textPiece(unescape(text))];
    }
  }
  return [...options, option];
}

function unescape(text: string): string {
  return text.replaceAll("\\,", ",");
}

function trimOption(option: readonly Piece[]): readonly Piece[] {
  return option.map((piece, index) => {
    if (piece.kind !== "text") return piece;
    const start = index === 0 ? piece.text.trimStart() : piece.text;
    return textPiece(index === option.length - 1 ? start.trimEnd() : start);
  });
}
