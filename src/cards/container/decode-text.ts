import { assertJsonBytes } from "../limits.ts";

const OPENING_BRACE = 0x7b;

/** UTF-8 or UTF-16 by its mark or its beginning; what is neither is taken for Latin-1. */
export function decodeText(bytes: Uint8Array): string {
  assertJsonBytes(bytes.length);
  return withoutPadding(decode(bytes)).trim();
}

function decode(bytes: Uint8Array): string {
  const wide = findWideEncoding(bytes);
  if (wide !== undefined) return new TextDecoder(wide).decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

function findWideEncoding([first, second]: Uint8Array): string | undefined {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  if (first === OPENING_BRACE && second === 0) return "utf-16le";
  if (first === 0 && second === OPENING_BRACE) return "utf-16be";
  return undefined;
}

/** Some tools end the text as C does, with zeros. */
function withoutPadding(text: string): string {
  let end = text.length;
  while (end > 0 && text.codePointAt(end - 1) === 0) end -= 1;
  return text.slice(0, end);
}
