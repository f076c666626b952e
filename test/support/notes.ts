import type { Note } from "../../src/chat/memory/note.ts";
import { ada, thread } from "./turns.ts";

let lastId = 0;

/** A note of Ada's about the thread; override what the test is about. */
export function noteOf(text: string, overrides: Partial<Note> = {}): Note {
  lastId += 1;
  return {
    id: lastId,
    kind: "place",
    guildId: thread.guildId,
    placeId: thread.id,
    persona: undefined,
    about: undefined,
    text,
    author: ada,
    writtenAt: new Date(0),
    ...overrides,
  };
}
