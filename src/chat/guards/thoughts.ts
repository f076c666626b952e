import { findPossibleBeginning } from "../prompt/control-text.ts";
import type { ThoughtHabit } from "./thought-habit.ts";
import { CLOSING_TAGS, findTag, isCodeAfter, OPENING_TAGS } from "./thought-tags.ts";

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
  /** All of the stream, and as much of it as stands before any tag that counts. */
  #read = "";
  #passed = "";
  #held = "";

  /** @param habit learns from the reply; undefined where the reply does not begin with the stream */
  constructor(habit?: ThoughtHabit) {
    this.#habit = habit;
  }

  /** All so far goes for thoughts by the model's habit alone. */
  get isAssuming(): boolean {
    return this.#state === "assumed";
  }

  push(piece: string): SplitPiece {
    this.#read += piece;
    let pending = this.#held + piece;
    this.#held = "";
    const split = this.#review();
    while (pending !== "") pending = this.#step(pending, split);
    return split;
  }

  /** The engine keeps the thoughts apart itself: what comes here is text from its beginning. */
  expectText(): void {
    this.#habit?.ruleOut();
  }

  /**
   * What was held back, once the stream has ended.
   *
   * @param isWhole the model ended it, so that no end of a block is still to come
   */
  finish(isWhole = true): SplitPiece {
    if (isWhole) this.#habit?.see(this.#read);
    const held = this.#held;
    this.#held = "";
    const split = this.#review();
    if (this.#state === "assumed" || this.#state === "thoughts") split.thoughts += held;
    else if (this.#state !== "after") split.text += held;
    return split;
  }

  /** Gives back what went for thoughts as soon as any reply has shown the habit to be none. */
  #review(): Writable<SplitPiece> {
    if (this.#state !== "assumed" || this.#habit?.opensUnseen === true) return { ...NOTHING };
    this.#state = "text";
    return { ...NOTHING, text: this.#passed, wereText: true };
  }

  /** Takes something off the front of `pending`, and returns what is left to take. */
  #step(pending: string, split: Writable<SplitPiece>): string {
    switch (this.#state) {
      case "beginning":
        return this.#passBeginning(pending);
      case "after":
        return this.#passBlank(pending);
      case "thoughts":
        return this.#passThoughts(pending, split);
      case "assumed":
      case "text":
        return this.#passUnseen(pending, split);
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
    this.#state = this.#habit?.opensUnseen === true ? "assumed" : "text";
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
    split.thoughts += pending.slice(0, heldFrom);
    return this.#hold(pending.slice(heldFrom));
  }

  #passUnseen(pending: string, split: Writable<SplitPiece>): string {
    const closing = findTag(pending, CLOSING_TAGS);
    if (closing === undefined) {
      const heldFrom = findPossibleBeginning(pending, CLOSING_TAGS);
      this.#give(pending.slice(0, heldFrom), split);
      return this.#hold(pending.slice(heldFrom));
    }
    const isMentioned = isCodeAfter(this.#passed + pending.slice(0, closing.start));
    this.#give(pending.slice(0, isMentioned ? closing.end : closing.start), split);
    if (!isMentioned) this.#endUnseen(split);
    return pending.slice(closing.end);
  }

  #endUnseen(split: Writable<SplitPiece>): void {
    if (this.#state === "text") {
      split.thoughts += split.text;
      split.text = "";
      split.wereThoughts = true;
    }
    this.#state = "after";
  }

  #give(text: string, split: Writable<SplitPiece>): void {
    this.#passed += text;
    if (this.#state === "assumed") split.thoughts += text;
    else split.text += text;
  }

  #hold(text: string): string {
    this.#held = text;
    return "";
  }
}

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] };
