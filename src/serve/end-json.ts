import type { EngineEvent } from "../chat/ports.ts";

/**
 * The library's grammars want these line breaks after the JSON, and then any number of more; within
 * it they never stand in a row.
 */
export const JSON_END = "\n\n\n\n";

/** Ends an answer with its JSON. One that is whole was not cut, whatever limit came after it. */
export async function* endJson(
  events: AsyncIterable<EngineEvent>,
): AsyncGenerator<EngineEvent, void> {
  let written = "";
  let blank = "";
  for await (const event of events) {
    if (event.type === "end") {
      yield isWholeJson(written) ? { ...event, reason: "stop" } : event;
      continue;
    }
    if (event.type !== "text-delta") {
      yield event;
      continue;
    }
    const pending = blank + event.text;
    const text = pending.trimEnd();
    blank = pending.slice(text.length);
    written += text;
    if (text !== "") yield { type: "text-delta", text };
  }
}

/** Of a number alone, more digits may have been to come. */
function isWholeJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) !== "number";
  } catch {
    return false;
  }
}
