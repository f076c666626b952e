import type { Engine } from "../ports.ts";
import { findBareEnds, findTag, OPENING_TAGS } from "./thought-tags.ts";
import type { Tag } from "./thought-tags.ts";

/** Anyone can have a model write an end of thoughts once: so many replies have to show it. */
const ENOUGH = 3;

/**
 * Whether a model's prompt opens the block of thoughts, so that a reply begins within it and shows
 * only where it ends. Such a model always does, so that a single reply that ends otherwise rules it
 * out for good.
 */
export class ThoughtHabit {
  #shown = 0;
  #isRuledOut = false;

  get opensUnseen(): boolean {
    return !this.#isRuledOut && this.#shown >= ENOUGH;
  }

  /**
   * Learns from a reply.
   *
   * @param reply all of it, with its tags; the model ended it, no limit did
   */
  see(reply: string): void {
    const [end, another] = findBareEnds(reply);
    const opening = findTag(reply, OPENING_TAGS);
    const isOpenedSeen = opening !== undefined && reply.slice(0, opening.start).trim() === "";
    if (end === undefined || isOpenedSeen) this.ruleOut();
    else if (another === undefined && opening === undefined) this.#count(reply, end);
  }

  ruleOut(): void {
    this.#isRuledOut = true;
  }

  /** Thoughts have a text, and so has what follows them. */
  #count(reply: string, { end, start }: Tag): void {
    if (reply.slice(0, start).trim() !== "" && reply.slice(end).trim() !== "") this.#shown += 1;
  }
}

/** A server's template is not known; what all replies have shown of it holds for those after them. */
const habits = new WeakMap<Engine, ThoughtHabit>();

/** One for each engine, for as long as that lives. */
export function habitOf(engine: Engine): ThoughtHabit {
  const known = habits.get(engine);
  if (known !== undefined) return known;
  const habit = new ThoughtHabit();
  habits.set(engine, habit);
  return habit;
}
