import { ThoughtHabit } from "../../src/chat/guards/thought-habit.ts";

/** Of a model whose replies have all begun within their thoughts. */
export function unseenHabit(): ThoughtHabit {
  const habit = new ThoughtHabit();
  for (let replies = 0; replies < 3; replies += 1) habit.see("Let me see.</think>Yes.");
  return habit;
}
