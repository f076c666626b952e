import { findPossibleBeginning } from "../prompt/control-text.ts";
import type { ThoughtHabit } from "./thought-habit.ts";

const OPENING_TAGS = ["<think>", "<thinking>"];
const CLOSING_TAGS = ["</think>", "</thinking>"];

/** What a piece of the stream brought. */
export interface SplitPiece {
  readonly thoughts: string;
  readonly text: string;
  /** A block ended that was opened in the prompt: all text before this piece were thoughts. */
  readonly wereThoughts: boolean;
  /** The habit was wrong, and nothing was thought: `text` has all that went for thoughts before. */
  readonly wereText: boolean;
}

const NOTHING: SplitPiece = { thoughts: "", text: "", wereThoughts: false, wereText: false };

/**
 * Takes the reasoning out of a stream: a block of `<think>` at the beginning of the reply. What
 * could still become a tag is held back.
 */
export class ThoughtSplitter {
  /**
   * `assumed` are thoughts by the model's habit alone; `text` watches for the end of a block that it
   * did not see begin; `rest` is text to the end.
   */
  #state: "beginning" | "thoughts" | "assumed" | "after" | "text" | "rest" = "beginning";
  readonly #habit: ThoughtHabit | undefined;
  #isOpened: boolean;
  #assumed = "";
  #held = "";
  /** The character before what is held. */
  #before = "";

  /** @param habit learns from the reply; undefined where the reply does not begin with the stream */
  constructor(habit?: ThoughtHabit) {
    this.#habit = habit;
    this.#isOpened = habit?.opensUnseen ?? false;
  }

  push(piece: string): SplitPiece {
    let pending = this.#held + piece;
    this.#held = "";
    const split = { ...NOTHING };
    while (pending !== "") pending = this.#step(pending, split);
    return split;
  }

  /** The engine keeps the thoughts apart itself: what comes here is text from its beginning. */
  expectText(): void {
    this.#isOpened = false;
  }

  /**
   * What was held back, once the stream has ended.
   *
   * @param isWhole the model ended it, so that no end of a block is still to come
   */
  finish(isWhole = true): SplitPiece {
    const held = this.#held;
    this.#held = "";
    if (this.#state === "assumed" && isWhole) return this.#giveBack(held);
    if (this.#state === "assumed" || this.#state === "thoughts")
      return { ...NOTHING, thoughts: held };
    return this.#state === "after" ? NOTHING : { ...NOTHING, text: held };
  }

  #giveBack(held: string): SplitPiece {
    if (this.#habit !== undefined) this.#habit.opensUnseen = false;
    return { ...NOTHING, text: this.#assumed + held, wereText: true };
  }

  /** Takes something off the front of `pending`, and returns what is left to take. */
  #step(pending: string, split: Writable<SplitPiece>): string {
    switch (this.#state) {
      case "beginning":
        return this.#passBeginning(pending);
      case "after":
        return this.#passBlank(pending);
      case "thoughts":
      case "assumed":
        return this.#passThoughts(pending, split);
      case "text":
        return this.#passText(pending, split);
      case "rest":
        split.text += pending;
        return "";
      default:
        return this.#state satisfies never;
    }
  }

  #passBeginning(pending: string): string {
    const start = pending.trimStart();
    const tag = OPENING_TAGS.find((opening) => start.startsWith(opening));
    if (tag !== undefined) {
      this.#state = "thoughts";
      return start.slice(tag.length);
    }
    if (OPENING_TAGS.some((opening) => opening.startsWith(start))) return this.#hold(pending);
    this.#state = this.#isOpened ? "assumed" : "text";
    return pending;
  }

  #passBlank(pending: string): string {
    const start = pending.trimStart();
    if (start !== "") this.#state = "rest";
    return start;
  }

  #passThoughts(pending: string, split: Writable<SplitPiece>): string {
    const closing = findTag(pending, CLOSING_TAGS);
    if (closing !== undefined) {
      split.thoughts += pending.slice(0, closing.start);
      this.#state = "after";
      return pending.slice(closing.end);
    }
    const heldFrom = findPossibleBeginning(pending, CLOSING_TAGS);
    const thoughts = pending.slice(0, heldFrom);
    split.thoughts += thoughts;
    if (this.#state === "assumed") this.#assumed += thoughts;
    return this.#hold(pending.slice(heldFrom));
  }

  #passText(pending: string, split: Writable<SplitPiece>): string {
    const closing = findTag(pending, CLOSING_TAGS);
    if (closing === undefined) {
      const heldFrom = findPossibleBeginning(pending, CLOSING_TAGS);
      this.#give(pending.slice(0, heldFrom), split);
      return this.#hold(pending.slice(heldFrom));
    }
    const before = closing.start === 0 ? this.#before : pending[closing.start - 1];
    // Someone who writes about the tag puts it in backticks.
    const isQuoted = before === "`";
    this.#give(pending.slice(0, isQuoted ? closing.end : closing.start), split);
    if (!isQuoted) {
      split.thoughts += split.text;
      split.text = "";
      split.wereThoughts = true;
      if (this.#habit !== undefined) this.#habit.opensUnseen = true;
      this.#state = "after";
    }
    return pending.slice(closing.end);
  }

  #give(text: string, split: Writable<SplitPiece>): void {
    split.text += text;
    this.#before = text.at(-1) ?? this.#before;
  }

  #hold(text: string): string {
    this.#held = text;
    return "";
  }
}

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

function findTag(text: string, tags: readonly string[]) {
  const found = tags
    .map((tag) => ({ start: text.indexOf(tag), length: tag.length }))
    .filter(({ start }) => start >= 0)
    .toSorted((one, other) => one.start - other.start);
  const first = found[0];
  return first === undefined ? undefined : { start: first.start, end: first.start + first.length };
}
