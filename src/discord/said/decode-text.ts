/** Bytes that a file begins with, and what they say of the rest. */
const BYTE_ORDER_MARKS = [
  { encoding: "utf-8", bytes: [0xef, 0xbb, 0xbf] },
  { encoding: "utf-16le", bytes: [0xff, 0xfe] },
  { encoding: "utf-16be", bytes: [0xfe, 0xff] },
] as const;

/** Terminals' colours and overstrikes are nothing to read, but a log has them and is text. */
const HARMLESS = ["\u001B", "\b"];
const CONTROL = /[^\P{Cc}\t\n\v\f\r]/u;

/**
 * The text of a file by its byte order mark, else by what Discord says it is, else as UTF-8, else as
 * Windows-1252. Its end may be torn. Undefined where it is no text.
 */
export function decodeText(bytes: Uint8Array, charset: string | undefined): string | undefined {
  const marked = BYTE_ORDER_MARKS.find((mark) =>
    mark.bytes.every((byte, at) => bytes[at] === byte),
  );
  const encodings = marked === undefined ? [charset, "utf-8", "windows-1252"] : [marked.encoding];
  for (const encoding of encodings) {
    const text = encoding === undefined ? undefined : decodeAs(bytes, encoding);
    if (text !== undefined) return text;
  }
  return undefined;
}

function decodeAs(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    // As a stream: a character that the end tears is left out, and is no fault.
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: true });
    const readable = HARMLESS.reduce((rest, control) => rest.replaceAll(control, ""), text);
    return CONTROL.test(readable) ? undefined : readable.replaceAll(/\r\n?/g, "\n");
  } catch {
    return undefined;
  }
}
