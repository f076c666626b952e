import type { Quoted } from "../place.ts";
import type { QuotedMessage } from "../ports.ts";
import { toMark, toOneLine } from "./marks.ts";
import { nameSpeakers } from "./speaker.ts";

/** In characters: enough to know again what was said. */
const MAX_LENGTH = 120;

const QUOTE_LINE = /^\[replying to: [^\n]*\]\n/;

/** Goes before the words of a message that replies to another one, with a line end. */
export function toQuoteLine({ author, text }: Pick<Quoted, "author" | "text">): string {
  const who = author === undefined ? "you" : nameSpeakers([author], [])(author);
  const words = Array.from(toOneLine(text).replaceAll('"', "'"));
  const cut =
    words.length > MAX_LENGTH ? `${words.slice(0, MAX_LENGTH).join("").trim()}…` : words.join("");
  return `${toMark("replying to", who, cut === "" ? "" : `"${cut}"`)}\n`;
}

export function toQuotedMessage({ author, messageId }: Quoted): QuotedMessage {
  return { messageId, authorId: author?.id };
}

/** The line that a turn's text begins with where it replies to another message; else nothing. */
export function quoteLineOf(turnText: string): string {
  return QUOTE_LINE.exec(turnText)?.[0] ?? "";
}
