import type { ControlToken } from "./chat-ml.ts";

/** Some models spell the end of their turn in ordinary pieces instead of using the token. */
export const CHAT_ML_CONTROL_TEXTS: readonly ControlToken[] = ["<|im_end|>", "<|im_start|>"];

export interface FilteredText {
  /** What may be shown now. */
  readonly text: string;
  /** A control text was completed: it and all after it belongs to no reply. */
  readonly hasEnded: boolean;
}

/**
 * Ends a stream of text at the first of `controlTexts` and shows no character of it. A possible
 * beginning is held back until the text goes on otherwise.
 */
export class ControlTextFilter {
  readonly #controlTexts: readonly string[];
  #held = "";
  #hasEnded = false;

  constructor(controlTexts: readonly string[]) {
    this.#controlTexts = controlTexts.filter((controlText) => controlText !== "");
  }

  push(text: string): FilteredText {
    if (this.#hasEnded) return { text: "", hasEnded: true };
    const pending = this.#held + text;
    const end = findFirst(pending, this.#controlTexts);
    if (end !== undefined) {
      this.#held = "";
      this.#hasEnded = true;
      return { text: pending.slice(0, end), hasEnded: true };
    }
    const heldFrom = findPossibleBeginning(pending, this.#controlTexts);
    this.#held = pending.slice(heldFrom);
    return { text: pending.slice(0, heldFrom), hasEnded: false };
  }

  /** What was held back and turned out to be ordinary text, once the stream has ended by itself. */
  finish(): string {
    const held = this.#held;
    this.#held = "";
    this.#hasEnded = true;
    return held;
  }
}

function findFirst(text: string, controlTexts: readonly string[]): number | undefined {
  const starts = controlTexts.map((controlText) => text.indexOf(controlText));
  const found = starts.filter((start) => start >= 0);
  return found.length === 0 ? undefined : Math.min(...found);
}

/** Where the text ends, or where its end could be the beginning of one of `controlTexts`. */
export function findPossibleBeginning(text: string, controlTexts: readonly string[]): number {
  const longest = Math.max(0, ...controlTexts.map((controlText) => controlText.length));
  const earliest = Math.max(0, text.length - longest + 1);
  for (let start = earliest; start < text.length; start += 1) {
    const tail = text.slice(start);
    if (controlTexts.some((controlText) => controlText.startsWith(tail))) return start;
  }
  return text.length;
}
