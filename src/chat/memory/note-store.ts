import type { RowId } from "../conversation.ts";
import type { UserId } from "../ids.ts";
import type { PersonaReference } from "../persona/persona.ts";
import type { Place } from "../place.ts";
import type { NewNote, Note } from "./note.ts";

/** Who reads notes where. */
export interface NoteReading {
  readonly place: Place;
  /** Who talks there; undefined for no persona. */
  readonly persona: PersonaReference | undefined;
  /** Whom the notes about people may be about. */
  readonly people: readonly UserId[];
  /** One of them, whose notes for other personas are read as well. */
  readonly owner?: UserId;
}

/** Failures as with `ConversationStore`. Notes go with their place and with their persona. */
export interface NoteStore {
  /** Undefined where there are as many as there may be. */
  add(note: NewNote): Promise<Note | undefined>;
  /** Oldest first. */
  read(reading: NoteReading): Promise<readonly Note[]>;
  /** False where it is gone. */
  edit(id: RowId, text: string): Promise<boolean>;
  /** False where it is gone. */
  remove(id: RowId): Promise<boolean>;
  /** The conversations whose prompts may have held a note. */
  readersOf(note: Note): Promise<readonly RowId[]>;
}
