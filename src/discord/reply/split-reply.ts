import { chooseCut } from "./choose-cut.ts";
import { findDraftEnd } from "./draft-end.ts";
import { closingLine, openingLine } from "./fence.ts";
import { contextAt, scanTail, type Tail, type TailStart, visibleEnd } from "./scan-tail.ts";

/**
 * Discord refuses a longer message. Its documentation only says "characters" and its servers count
 * code points; UTF-16 units, of which a text never has fewer, are safe either way.
 *
 * @see https://docs.discord.com/developers/resources/message#create-message
 */
export const MESSAGE_LIMIT = 2000;

/** A message of a reply: the stretch of the exact text that it shows, and how it shows it. */
export interface TextPart {
  readonly start: number;
  readonly end: number;
  /** Never blank. A code block that is open at either end is opened and closed again here. */
  readonly content: string;
}

const BEGINNING: TailStart = { start: 0, context: { fence: undefined, isInList: false } };
export const LONE_SURROGATE = /\p{Surrogate}/gu;

/**
 * Splits a growing text into messages. All parts but the last are final: they stay the same however
 * the text goes on, and whatever pieces it came in. Each call works on the unfinished tail only.
 */
export class ReplySplitter {
  readonly #limit: number;
  #parts: TextPart[] = [];
  #tail: TailStart = BEGINNING;
  /** The text that the finished parts rest on: they end before it does. */
  #finished = "";

  constructor(limit = MESSAGE_LIMIT) {
    this.#limit = limit;
  }

  /** The last part leaves out what the next piece could still turn into something else. */
  splitDraft(text: string): readonly TextPart[] {
    const tail = this.#finishParts(text);
    const end = findDraftEnd(text, tail.lines, this.#tail.start);
    const last = this.#render(text, end, tail);
    return last === undefined ? [...this.#parts] : [...this.#parts, last];
  }

  /** The parts put together are the text; a blank text has none. */
  splitWhole(text: string): readonly TextPart[] {
    let tail = this.#finishParts(text);
    let last = this.#render(text, text.length, tail);
    while (last !== undefined && last.content.length > this.#limit) {
      this.#finishPart(text.slice(0, visibleEnd(text, last.start, last.end)));
      tail = this.#finishParts(text);
      last = this.#render(text, text.length, tail);
    }
    return last === undefined ? [...this.#parts] : [...this.#parts, last];
  }

  /** Where the text has to end for its parts to be no more than `count`; its length where they are. */
  measure(text: string, count: number): number {
    const parts = this.#previewWhole(text);
    if (parts.length <= count) return text.length;
    return parts[count - 1]?.end ?? 0;
  }

  /** What `splitWhole` gives; the text may still grow after it. */
  #previewWhole(text: string): readonly TextPart[] {
    const tail = this.#finishParts(text);
    const last = this.#render(text, text.length, tail);
    if (last === undefined) return this.#parts;
    if (last.content.length > this.#limit) return new ReplySplitter(this.#limit).splitWhole(text);
    return [...this.#parts, last];
  }

  #finishParts(text: string): Tail {
    if (!text.startsWith(this.#finished)) this.#startAgain();
    for (;;) {
      const tail = scanTail(text, this.#tail, this.#room());
      if (tail.overflowsAt === undefined) return tail;
      this.#finishPart(text.slice(0, tail.overflowsAt));
    }
  }

  /** Takes the text up to its overflow, so that nothing behind that can matter. */
  #finishPart(text: string): void {
    const { start } = this.#tail;
    const tail = scanTail(text, this.#tail, Infinity);
    const end = chooseCut({ text, start, lines: tail.lines, room: this.#room() });
    const part = this.#render(text, end, tail);
    if (part !== undefined) this.#parts.push(part);
    this.#tail = { start: end, context: contextAt(tail.lines, end) };
    this.#finished = text;
  }

  #room(): number {
    return this.#limit - openingLine(this.#tail.context.fence).length;
  }

  #render(text: string, end: number, { lines }: Tail): TextPart | undefined {
    const { start, context } = this.#tail;
    const slice = text.slice(start, end);
    if (slice.trim() === "") return undefined;
    const body = context.fence === undefined ? slice.trim() : slice.trimEnd();
    const opening = openingLine(context.fence);
    const closing = closingLine(contextAt(lines, end).fence);
    const content = `${opening}${body}${closing}`.replaceAll(LONE_SURROGATE, "\uFFFD");
    return { start, end, content };
  }

  #startAgain(): void {
    this.#parts = [];
    this.#tail = BEGINNING;
    this.#finished = "";
  }
}
