import { and, asc, eq, or, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { toGuildId } from "../chat/ids.ts";
import type { Note } from "../chat/memory/note.ts";
import type {
  Held,
  OwnCursor,
  OwnPage,
  OwnText,
  OwnWords,
  PersonIn,
  StoredPlace,
} from "../chat/privacy/privacy-store.ts";
import type { Queries } from "./database.ts";
import { toNote } from "./note-store.ts";
import { guildOfPlace, isTurnWithin, isWithin, repliesTo } from "./privacy-scope.ts";
import { placeColumns, toPlace } from "./rows.ts";
import { conversations, systemPrompts, turns, variants } from "./schema.ts";
import { proposals } from "./learning-schema.ts";
import { notes } from "./memory-schema.ts";

const PAGE = 500;

type Kind = Exclude<keyof Held, "guildId">;

const NOTHING: Omit<Held, "guildId"> = {
  messages: 0,
  places: 0,
  replies: 0,
  notesAbout: 0,
  notesBy: 0,
  proposals: 0,
  discarded: 0,
  usages: 0,
  settings: 0,
};

export async function readHeld(queries: Queries, person: PersonIn): Promise<readonly Held[]> {
  const found = queries.$with("found", {
    guildId: sql<string | null>`guild_id`.as("guild_id"),
    kind: sql<Kind>`kind`.as("kind"),
    amount: sql<number>`amount`.as("amount"),
  }).as(sql`
    select guild_id, kind, sum(amount)::integer as amount from (
      ${sql.join([...countOwn(person), ...countNamed(person)], sql` union all `)}) as counted
    where ${isWithin(person.scope, sql`guild_id`)} group by guild_id, kind`);
  const rows = await queries.with(found).select().from(found).orderBy(asc(found.guildId));
  const held = new Map<string | null, Held>();
  for (const { amount, guildId, kind } of rows) {
    const so = { guildId: guildId === null ? undefined : toGuildId(guildId) };
    held.set(guildId, { ...NOTHING, ...held.get(guildId), ...so, [kind]: amount });
  }
  return [...held.values()];
}

function countOwn({ userId }: PersonIn): SQL[] {
  return [
    sql`select guild_id, 'messages' as kind, count(*) as amount
      from turns join conversations on conversations.id = turns.conversation_id
      where turns.author_id = ${userId} group by guild_id`,
    sql`select guild_id, 'places', count(*) from conversations where id in (
      select conversation_id from turns where author_id = ${userId}) group by guild_id`,
    sql`select guild_id, 'replies', count(distinct turns.id)
      from variants join turns on turns.id = variants.turn_id
      join conversations on conversations.id = turns.conversation_id
      where variants.id in (${repliesTo(userId)}) group by guild_id`,
    sql`select guild_id, 'notesAbout', count(*) from notes
      where subject_id = ${userId} group by guild_id`,
    sql`select guild_id, 'notesBy', count(*) from notes
      where author_id = ${userId} and subject_id is distinct from ${userId} group by guild_id`,
    sql`select guild_id, 'proposals', count(*)
      from proposals join conversations on conversations.id = proposals.conversation_id
      where proposals.user_id = ${userId} and state = 'pending' group by guild_id`,
    sql`select guild_id, 'discarded', count(*) from discarded_facts
      where user_id = ${userId} group by guild_id`,
    sql`select guild_id, 'usages', count(*) from usages where user_id = ${userId} group by guild_id`,
  ];
}

function countNamed({ userId }: PersonIn): SQL[] {
  const isNamed = sql`(settings.overrides -> 'access')::text like ${`%"${userId}"%`}`;
  return [
    sql`select ${guildOfPlace(sql`system_prompts.place_id`)}, 'settings', 1
      from system_prompts where changed_by = ${userId}`,
    sql`select personas.guild_id, 'settings', count(*)
      from persona_versions join personas on personas.id = persona_versions.persona_id
      where changed_by = ${userId} group by personas.guild_id`,
    sql`select case settings.scope when 'guild' then scope_id
        else ${guildOfPlace(sql`settings.scope_id`)} end, 'settings', 1
      from settings where ${isNamed}`,
  ];
}

export async function readConcerned(
  queries: Queries,
  { scope, userId }: PersonIn,
): Promise<readonly StoredPlace[]> {
  const rows = await queries
    .select({ id: conversations.id, ...placeColumns })
    .from(conversations)
    .where(
      and(
        isWithin(scope, sql`${conversations.guildId}`),
        sql`${conversations.id} in (
          select conversation_id from turns where author_id = ${userId}
          union all select conversation_id from turns where quoted_author_id = ${userId}
          union all select turns.conversation_id from variants
            join turns on turns.id = variants.turn_id
            where variants.id in (${repliesTo(userId)}))`,
      ),
    )
    .orderBy(asc(conversations.id));
  return rows.map((row) => ({ id: row.id, place: toPlace(row) }));
}

export async function readOwnWords(
  queries: Queries,
  person: PersonIn,
  [place, turn]: OwnCursor,
): Promise<OwnPage> {
  const rows = await queries
    .select({
      conversationId: turns.conversationId,
      id: turns.id,
      saidAt: turns.saidAt,
      text: sql<string>`coalesce(${turns.content}, '')`,
      ...placeColumns,
    })
    .from(turns)
    .innerJoin(conversations, eq(conversations.id, turns.conversationId))
    .where(
      and(
        eq(turns.authorId, person.userId),
        isTurnWithin(person),
        sql`(${turns.conversationId}, ${turns.id}) > (${place}::bigint, ${turn}::bigint)`,
      ),
    )
    .orderBy(asc(turns.conversationId), asc(turns.id))
    .limit(PAGE);
  const last = rows.at(-1);
  return {
    words: rows.map((row) => ({ place: toPlace(row), saidAt: row.saidAt, text: row.text })),
    next: last === undefined || rows.length < PAGE ? undefined : [last.conversationId, last.id],
  };
}

export async function readAskedReplies(
  queries: Queries,
  person: PersonIn,
  [, variant]: OwnCursor,
): Promise<OwnPage> {
  const rows = await queries
    .select({
      id: variants.id,
      saidAt: variants.createdAt,
      text: variants.content,
      ...placeColumns,
    })
    .from(variants)
    .innerJoin(turns, eq(turns.id, variants.turnId))
    .innerJoin(conversations, eq(conversations.id, turns.conversationId))
    .where(
      and(
        sql`${variants.id} in (${repliesTo(person.userId)})`,
        isTurnWithin(person),
        sql`${variants.id} > ${variant}::bigint and ${variants.content} <> ''`,
      ),
    )
    .orderBy(asc(variants.id))
    .limit(PAGE);
  const last = rows.at(-1);
  return {
    words: rows.map((row) => ({ place: toPlace(row), saidAt: row.saidAt, text: row.text })),
    next: last === undefined || rows.length < PAGE ? undefined : [0, last.id],
  };
}

export async function readOwnNotes(
  queries: Queries,
  { scope, userId }: PersonIn,
): Promise<readonly Note[]> {
  const rows = await queries
    .select()
    .from(notes)
    .where(
      and(
        or(eq(notes.subjectId, userId), eq(notes.authorId, userId)),
        isWithin(scope, sql`${notes.guildId}`),
      ),
    )
    .orderBy(asc(notes.id));
  return rows.map(toNote);
}

export async function readOwnProposals(
  queries: Queries,
  { scope, userId }: PersonIn,
): Promise<readonly OwnWords[]> {
  const rows = await queries
    .select({ saidAt: proposals.proposedAt, text: proposals.content, ...placeColumns })
    .from(proposals)
    .innerJoin(conversations, eq(conversations.id, proposals.conversationId))
    .where(
      and(
        eq(proposals.userId, userId),
        eq(proposals.state, "pending"),
        isWithin(scope, sql`${conversations.guildId}`),
      ),
    )
    .orderBy(asc(proposals.id));
  return rows.map((row) => ({ place: toPlace(row), saidAt: row.saidAt, text: row.text ?? "" }));
}

/** A persona as the JSON that it is stored as. */
export async function readOwnTexts(
  queries: Queries,
  { scope, userId }: PersonIn,
): Promise<readonly OwnText[]> {
  const written = queries.$with("written", {
    kind: sql<OwnText["kind"]>`kind`.as("kind"),
    guildId: sql<string | null>`guild_id`.as("guild_id"),
    of: sql<string>`name`.as("name"),
    writtenAt: sql`changed_at`.mapWith(systemPrompts.changedAt).as("changed_at"),
    text: sql<string>`content`.as("content"),
  }).as(sql`
    select * from (
      select 'system-prompt' as kind, ${guildOfPlace(sql`system_prompts.place_id`)} as guild_id,
        place_id as name, changed_at, prompt as content
      from system_prompts where changed_by = ${userId} and prompt is not null
      union all select 'persona', personas.guild_id, personas.name, changed_at,
        jsonb_pretty(persona_versions.content)
      from persona_versions join personas on personas.id = persona_versions.persona_id
      where changed_by = ${userId}) as texts
    where ${isWithin(scope, sql`guild_id`)}`);
  const rows = await queries.with(written).select().from(written).orderBy(asc(written.writtenAt));
  return rows.map(({ guildId, kind, of, text, writtenAt }) => {
    const from = guildId === null ? undefined : toGuildId(guildId);
    return { kind, guildId: from, of, writtenAt, text };
  });
}
