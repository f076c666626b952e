import type { ThoughtHabit } from "../chat/guards/thought-habit.ts";
import { ThoughtSplitter } from "../chat/guards/thoughts.ts";
import type { SplitPiece } from "../chat/guards/thoughts.ts";
import type { EngineEvent } from "../chat/ports.ts";
import type { ServedEvent } from "./served-event.ts";

/**
 * Takes the block of thoughts out of the text of an answer.
 *
 * @param habit undefined for an answer whose beginning the client has sent
 */
export async function* separateThoughts(
  events: AsyncIterable<EngineEvent>,
  habit: ThoughtHabit | undefined,
): AsyncGenerator<ServedEvent, void> {
  const splitter = new ThoughtSplitter(habit);
  for await (const event of events) {
    if (event.type === "text-delta") {
      yield* toEvents(splitter.push(event.text));
      continue;
    }
    if (event.type === "thought-delta") splitter.expectText();
    if (event.type === "end") yield* toEvents(splitter.finish(event.reason === "stop"));
    yield event;
  }
}

function* toEvents({ text, thoughts, wereText, wereThoughts }: SplitPiece): Generator<ServedEvent> {
  if (wereThoughts) yield { type: "reclassified", as: "thoughts" };
  if (wereText) yield { type: "reclassified", as: "text" };
  if (thoughts !== "") yield { type: "thought-delta", text: thoughts };
  if (text !== "") yield { type: "text-delta", text };
}
