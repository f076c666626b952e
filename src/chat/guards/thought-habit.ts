import type { Engine } from "../ports.ts";

/** What the replies of a model have shown so far of how it thinks. */
export interface ThoughtHabit {
  /**
   * Its prompt opens the block of thoughts, so that a reply begins within it and shows only where
   * it ends.
   */
  opensUnseen: boolean;
}

/** A server's template is not known; what one reply has shown of it holds for those after it. */
const habits = new WeakMap<Engine, ThoughtHabit>();

/** One for each engine, for as long as that lives. */
export function habitOf(engine: Engine): ThoughtHabit {
  const known = habits.get(engine);
  if (known !== undefined) return known;
  const habit = { opensUnseen: false };
  habits.set(engine, habit);
  return habit;
}
