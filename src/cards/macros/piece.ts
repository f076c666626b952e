/**
 * A stretch of a text whose macros are being expanded. Values, such as names, are never looked into:
 * neither for macros nor for the signs that part a macro's options. `trim` takes the line breaks
 * around it away.
 */
export interface Piece {
  readonly kind: "text" | "trim" | "value";
  readonly text: string;
}

const LINE_BREAK = 0x0a;

export function textPiece(text: string): Piece {
  return { kind: "text", text };
}

export function valuePiece(text: string): Piece {
  return { kind: "value", text };
}

export function renderPieces(pieces: readonly Piece[]): string {
  const texts: string[] = [];
  let isTrimming = false;
  for (const { kind, text } of pieces) {
    const kept: string = isTrimming ? afterLineBreaks(text) : text;
    if (kind === "trim") trimEnd(texts);
    if (kept !== "") texts.push(kept);
    isTrimming = kind === "trim" || (isTrimming && kept === "");
  }
  return texts.join("");
}

function afterLineBreaks(text: string): string {
  let start = 0;
  while (text.charCodeAt(start) === LINE_BREAK) start += 1;
  return text.slice(start);
}

function trimEnd(texts: string[]): void {
  for (let last = texts.pop(); last !== undefined; last = texts.pop()) {
    let end = last.length;
    while (end > 0 && last.charCodeAt(end - 1) === LINE_BREAK) end -= 1;
    if (end === 0) continue;
    texts.push(last.slice(0, end));
    return;
  }
}
