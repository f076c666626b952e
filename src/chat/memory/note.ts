import type { RowId } from "../conversation.ts";
import type { ChannelId, GuildId, UserId } from "../ids.ts";
import type { EffectivePersona, PersonaReference } from "../persona/persona.ts";
import type { Place, Speaker } from "../place.ts";
import { InvalidInput } from "../problem.ts";

/** What a note is about: the place, the persona that talks there, or a person. */
export type NoteKind = "place" | "persona" | "person";

/** Something that people want remembered, in their own words. */
export interface Note {
  readonly id: RowId;
  readonly kind: NoteKind;
  /** Undefined in direct messages. */
  readonly guildId: GuildId | undefined;
  /** The only place that reads it; undefined: all places of the server. */
  readonly placeId: ChannelId | undefined;
  /** The only persona that reads it; undefined: whoever talks. */
  readonly persona: PersonaReference | undefined;
  /** The person it is about, or whose words it keeps. */
  readonly about: UserId | undefined;
  readonly text: string;
  readonly author: Speaker;
  readonly writtenAt: Date;
}

export interface NewNote extends Omit<Note, "id" | "writtenAt"> {
  /** The channel of a thread that reads it: they are deleted together. */
  readonly parentId: ChannelId | undefined;
}

/** In UTF-16 units. */
export const MAX_NOTE_LENGTH = 500;

/** Of one place, of one persona in a server, of one person in a server. */
export const MAX_NOTES: Readonly<Record<NoteKind, number>> = {
  place: 200,
  persona: 200,
  person: 100,
};

/** @throws {InvalidInput} */
export function toNoteText(given: string): string {
  const text = given.trim();
  if (text === "") throw new InvalidInput({ kind: "note-empty" });
  if (text.length <= MAX_NOTE_LENGTH) return text;
  throw new InvalidInput({ kind: "note-too-long", most: MAX_NOTE_LENGTH });
}

/** The words of a message as a note, with who said them; shortened where they are too many. */
export function toQuotingNote(name: string, words: string): string {
  const whole = `${name}: ${words.trim()}`;
  if (whole.length <= MAX_NOTE_LENGTH) return whole;
  const cut = whole.slice(0, MAX_NOTE_LENGTH - 1).replace(/[\uD800-\uDBFF]$/u, "");
  return `${cut.trimEnd()}…`;
}

/** What a persona is called in notes, and what stays the same when it is renamed. */
export function toReference({ content, id }: EffectivePersona): PersonaReference {
  return id === undefined ? { kind: "built-in", name: content.name } : { kind: "stored", id };
}

/**
 * Where nobody comes in without being invited: what is said there stays there. A thread counts as
 * one until it is known not to be.
 */
export function isPrivatePlace(place: Place): boolean {
  return place.kind === "direct" || (place.kind === "thread" && place.isPrivate !== false);
}

/** Which places read a note that is made in one. */
export function toReach(kind: NoteKind, place: Place) {
  const guildId = place.kind === "direct" ? undefined : place.guildId;
  const staysHere =
    kind === "place" || place.kind === "direct" || (kind === "persona" && isPrivatePlace(place));
  return {
    guildId,
    placeId: staysHere ? place.id : undefined,
    parentId: staysHere && place.kind === "thread" ? place.parentId : undefined,
  };
}
