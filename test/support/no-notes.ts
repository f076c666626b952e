import type { NoteStore } from "../../src/chat/memory/note-store.ts";

/** For what is not about notes. */
export const noNotes: Pick<NoteStore, "read"> = { read: () => Promise.resolve([]) };
