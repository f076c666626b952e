import type { Controller } from "../control/assert-control.ts";
import type { RowId } from "../conversation.ts";
import { forgetConversation } from "../forget-evaluated.ts";
import type { UserId } from "../ids.ts";
import type { PersonaStore } from "../persona/persona-store.ts";
import type { Place } from "../place.ts";
import type { ConversationStore, Engine, Log } from "../ports.ts";
import type { Privacy } from "../privacy/privacy.ts";
import { InvalidInput } from "../problem.ts";
import { toPeopleHere } from "../prompt/people-here.ts";
import { MAX_NOTES, toNoteText, toReach, toReference } from "./note.ts";
import type { Note, NoteKind } from "./note.ts";
import type { NoteStore } from "./note-store.ts";

export interface NotesDependencies {
  readonly conversations: Pick<ConversationStore, "find" | "view">;
  readonly engine: Engine;
  readonly log: Log;
  readonly notes: NoteStore;
  readonly personas: Pick<PersonaStore, "effective">;
  readonly privacy: Pick<Privacy, "hasOptedOut">;
  /** Resolves when the replies that are being written have ended; undefined where none is. */
  readonly repliesUnderWay?: () => Promise<void> | undefined;
}

/** Who looks at notes, or changes them, and where. */
export interface NoteRequest {
  readonly place: Place;
  readonly by: Controller;
}

export interface RememberRequest extends NoteRequest {
  readonly kind: NoteKind;
  readonly text: string;
  /** A note about a person is for the persona that talks here alone. */
  readonly isForPersona?: boolean;
  /** Whose words it keeps, of a note about the place. */
  readonly quotes?: UserId | undefined;
}

/**
 * What people want remembered. People only ever see and change what is remembered where they are.
 * Whoever asks must be allowed to write there, and for the persona's notes to manage it.
 */
export class Notes {
  readonly #dependencies: NotesDependencies;

  constructor(dependencies: NotesDependencies) {
    this.#dependencies = dependencies;
  }

  /** @throws {InvalidInput} where there are too many, or no persona that it could be for */
  async remember(request: RememberRequest): Promise<Note> {
    const { by, isForPersona = false, kind, place, quotes } = request;
    const text = toNoteText(request.text);
    await this.#assertMayKeep(quotes, by);
    const isPersonas = kind === "persona" || (kind === "person" && isForPersona);
    const persona = isPersonas ? await this.#personaIn(place) : undefined;
    if (isPersonas && persona === undefined) throw new InvalidInput({ kind: "no-persona" });
    const note = await this.#dependencies.notes.add({
      kind,
      ...toReach(kind, place),
      persona,
      about: kind === "person" ? by.speaker.id : quotes,
      text,
      author: by.speaker,
    });
    if (note === undefined)
      throw new InvalidInput({ kind: "too-many-notes", most: MAX_NOTES[kind] });
    return note;
  }

  /**
   * What is remembered where someone is, oldest first: of the notes about people, their own, and for
   * moderators also those about the people whom Familiar has in view there.
   */
  async list({ by, place }: NoteRequest): Promise<readonly Note[]> {
    const owner = by.speaker.id;
    const others = by.isModerator ? await this.#peopleIn(place) : [];
    return await this.#dependencies.notes.read({
      place,
      persona: await this.#personaIn(place),
      people: [...new Set([owner, ...others])],
      owner,
    });
  }

  /** @throws {InvalidInput} where it is not remembered here */
  async find(request: NoteRequest, id: RowId): Promise<Note> {
    const note = (await this.list(request)).find((one) => one.id === id);
    if (note === undefined) throw new InvalidInput({ kind: "note-unknown" });
    return note;
  }

  /**
   * As `find`, for who may change it.
   *
   * @throws {InvalidInput}
   */
  async findToEdit(request: NoteRequest, id: RowId): Promise<Note> {
    const note = await this.find(request, id);
    if (!mayEdit(note, request.by)) throw new InvalidInput({ kind: "note-foreign" });
    return note;
  }

  /** @throws {InvalidInput} */
  async edit(request: NoteRequest, id: RowId, given: string): Promise<void> {
    const text = toNoteText(given);
    const note = await this.findToEdit(request, id);
    if (text === note.text) return;
    if (!(await this.#dependencies.notes.edit(id, text))) {
      throw new InvalidInput({ kind: "note-unknown" });
    }
    await this.forgetEvaluated(note);
  }

  /** Returns what it was. @throws {InvalidInput} */
  async forget(request: NoteRequest, id: RowId): Promise<Note> {
    const note = await this.find(request, id);
    if (!mayForget(note, request.by)) throw new InvalidInput({ kind: "note-foreign-to-forget" });
    await this.#dependencies.notes.remove(id);
    await this.forgetEvaluated(note);
    return note;
  }

  /** People decide themselves what is kept of their own words. */
  async #assertMayKeep(author: UserId | undefined, by: Controller): Promise<void> {
    if (author === undefined || author === by.speaker.id) return;
    if (!(await this.#dependencies.privacy.hasOptedOut(author))) return;
    throw new InvalidInput({ kind: "note-of-opted-out" });
  }

  async #personaIn(place: Place) {
    const persona = await this.#dependencies.personas.effective(place);
    return persona === undefined ? undefined : toReference(persona);
  }

  async #peopleIn({ id }: Place): Promise<readonly UserId[]> {
    const { conversations } = this.#dependencies;
    const conversation = await conversations.find(id);
    if (conversation === undefined) return [];
    return toPeopleHere(conversation, await conversations.view(conversation));
  }

  /**
   * Of all who may have read a note. Notes stand before the history, so that little of what was
   * evaluated would be left.
   */
  async forgetEvaluated(note: Note): Promise<void> {
    const { log, notes, repliesUnderWay } = this.#dependencies;
    const underWay = repliesUnderWay?.();
    try {
      const readers = await notes.readersOf(note);
      await this.#forgetAll(readers);
      // A reply that had read it may have had it evaluated since. Nobody waits for that.
      void underWay?.then(() => this.#forgetAll(readers));
    } catch (error) {
      log.error({ error, noteId: note.id }, "The engine could not forget a note");
    }
  }

  async #forgetAll(readers: readonly RowId[]): Promise<void> {
    for (const id of readers) await forgetConversation(this.#dependencies, id);
  }
}

/** Nobody puts words into the mouth of others. */
export function mayEdit({ about, author }: Note, { speaker }: Controller): boolean {
  return author.id === speaker.id || about === speaker.id;
}

export function mayForget(note: Note, by: Controller): boolean {
  return by.isModerator || mayEdit(note, by);
}
