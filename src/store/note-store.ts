import { and, asc, eq, getTableColumns, inArray, isNull, or, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { RowId } from "../chat/conversation.ts";
import { toChannelId, toGuildId, toUserId } from "../chat/ids.ts";
import { MAX_NOTES } from "../chat/memory/note.ts";
import type { NewNote, Note } from "../chat/memory/note.ts";
import type { NoteReading, NoteStore } from "../chat/memory/note-store.ts";
import type { PersonaReference } from "../chat/persona/persona.ts";
import type { Database, Queries } from "./database.ts";
import { toStorable } from "./rows.ts";
import { conversations, turns } from "./schema.ts";
import { notes } from "./memory-schema.ts";

/** A bound on what one prompt can cost. */
const MAX_READ = 2_000;

export function createNoteStore(database: Database): NoteStore {
  return {
    add: (note) => database.run("add a note", (queries) => add(queries, note)),
    read: (reading) => database.run("read notes", (queries) => read(queries, reading)),
    edit: (id, text) =>
      database.run("edit a note", async (queries) => {
        const edited = await queries
          .update(notes)
          .set({ content: toStorable(text) })
          .where(eq(notes.id, id))
          .returning({ id: notes.id });
        return edited.length > 0;
      }),
    remove: (id) =>
      database.run("remove a note", async (queries) => {
        const removed = await queries
          .delete(notes)
          .where(eq(notes.id, id))
          .returning({ id: notes.id });
        return removed.length > 0;
      }),
    readersOf: (note) =>
      database.run("find the readers of a note", (queries) => findReaders(queries, note)),
  };
}

async function add(queries: Queries, note: NewNote): Promise<Note | undefined> {
  const { personaId, builtIn } = toPersonaColumns(note.persona);
  const added = queries.$with("added", getTableColumns(notes)).as(sql`
    insert into notes (kind, guild_id, place_id, parent_id, persona_id, built_in, subject_id,
      content, author_id, author_name)
    select ${note.kind}::text, ${note.guildId ?? null}::text, ${note.placeId ?? null}::text,
      ${note.parentId ?? null}::text, ${personaId}::bigint, ${builtIn}::text,
      ${note.about ?? null}::text, ${toStorable(note.text)}::text, ${note.author.id}::text,
      ${toStorable(note.author.name)}::text
    where (select count(*) from notes where ${isBeside(note)}) < ${MAX_NOTES[note.kind]}::integer
    returning *`);
  const [row] = await queries.with(added).select().from(added);
  return row === undefined ? undefined : toNote(row);
}

/** Those that count against the same limit. */
export function isBeside({
  about,
  guildId,
  kind,
  persona,
  placeId,
}: Omit<NewNote, "text">): SQL | undefined {
  return and(
    eq(notes.kind, kind),
    placeId === undefined ? isNull(notes.placeId) : eq(notes.placeId, placeId),
    guildId === undefined ? isNull(notes.guildId) : eq(notes.guildId, guildId),
    kind === "persona" ? isFor(persona) : undefined,
    kind === "person" && about !== undefined ? eq(notes.subjectId, about) : undefined,
  );
}

async function read(
  queries: Queries,
  { owner, people, persona, place }: NoteReading,
): Promise<readonly Note[]> {
  const isForAll = and(isNull(notes.personaId), isNull(notes.builtIn));
  const isOwners = owner === undefined ? undefined : eq(notes.subjectId, owner);
  const isReadHere = or(
    eq(notes.placeId, place.id),
    place.kind === "direct"
      ? undefined
      : and(eq(notes.guildId, place.guildId), isNull(notes.placeId)),
  );
  const isMeant = or(
    eq(notes.kind, "place"),
    and(eq(notes.kind, "persona"), isFor(persona)),
    and(
      eq(notes.kind, "person"),
      inArray(notes.subjectId, [...people]),
      or(isForAll, isFor(persona), isOwners),
    ),
  );
  const rows = await queries
    .select()
    .from(notes)
    .where(and(isReadHere, isMeant))
    .orderBy(asc(notes.id))
    .limit(MAX_READ);
  return rows.map(toNote);
}

function isFor(persona: PersonaReference | undefined): SQL {
  if (persona === undefined) return sql`false`;
  return persona.kind === "stored"
    ? eq(notes.personaId, persona.id)
    : eq(notes.builtIn, persona.name);
}

/** Who talks where may have changed since, and who has spoken has read what is about them. */
async function findReaders(
  queries: Queries,
  { about, guildId, kind, placeId }: Note,
): Promise<readonly RowId[]> {
  const spokeThere = queries
    .select({ id: turns.conversationId })
    .from(turns)
    .where(eq(turns.authorId, about ?? ""));
  const isReader =
    placeId !== undefined
      ? eq(conversations.placeId, placeId)
      : and(
          eq(conversations.guildId, guildId ?? ""),
          kind === "person" ? inArray(conversations.id, spokeThere) : undefined,
        );
  const rows = await queries
    .select({ id: conversations.id })
    .from(conversations)
    .where(isReader)
    .orderBy(asc(conversations.id));
  return rows.map(({ id }) => id);
}

function toPersonaColumns(persona: PersonaReference | undefined) {
  return {
    personaId: persona?.kind === "stored" ? persona.id : null,
    builtIn: persona?.kind === "built-in" ? persona.name : null,
  };
}

export function toNote(row: typeof notes.$inferSelect): Note {
  const { authorId, authorName, content, guildId, id, kind, placeId, subjectId, writtenAt } = row;
  return {
    id,
    kind,
    guildId: guildId === null ? undefined : toGuildId(guildId),
    placeId: placeId === null ? undefined : toChannelId(placeId),
    persona: toPersona(row),
    about: subjectId === null ? undefined : toUserId(subjectId),
    text: content,
    author: { id: toUserId(authorId), name: authorName },
    writtenAt,
  };
}

function toPersona({
  builtIn,
  personaId,
}: Pick<typeof notes.$inferSelect, "builtIn" | "personaId">): PersonaReference | undefined {
  if (personaId !== null) return { kind: "stored", id: personaId };
  return builtIn === null ? undefined : { kind: "built-in", name: builtIn };
}
