import { createHash } from "node:crypto";
import { getTableColumns, sql } from "drizzle-orm";
import type { RowId } from "../chat/conversation.ts";
import type { Learned } from "../chat/learning/learning-store.ts";
import type { Proposal } from "../chat/learning/proposal.ts";
import { MAX_NOTES } from "../chat/memory/note.ts";
import type { NewNote, Note } from "../chat/memory/note.ts";
import { listOf, toCommonTables } from "./common-table.ts";
import type { CommonTable } from "./common-table.ts";
import type { Queries } from "./database.ts";
import { proposals } from "./learning-schema.ts";
import { notes } from "./memory-schema.ts";
import { isBeside, toNote } from "./note-store.ts";
import { toStorable } from "./rows.ts";
import { toStorableJson } from "./storable-json.ts";

/**
 * One statement: what the facts rest on is held as it was read until they are stored. A change that
 * comes later finds them, and withdraws them.
 */
export async function save(
  queries: Queries,
  learned: Learned,
): Promise<readonly Proposal[] | undefined> {
  const steps = [...agree(learned), ...choose(learned), ...add(learned)];
  const outcome = queries.$with("outcome", {
    isAgreed: sql<boolean>`is_agreed`.as("is_agreed"),
    added: sql<readonly AddedRow[]>`added`.as("added"),
  }).as(sql`
    select exists (select from agreed) as is_agreed, coalesce((
      select jsonb_agg(jsonb_build_object(
        'id', added.id, 'text', added.content, 'replaces', notes.content) order by added.id)
      from added left join notes on notes.id = added.replaces), '[]'::jsonb) as added`);
  const [row] = await queries
    .with(...toCommonTables(queries, steps), outcome)
    .select()
    .from(outcome);
  if (row?.isAgreed !== true) return undefined;
  return row.added.map(({ id, replaces, text }) => ({
    id,
    state: "pending",
    text,
    replaces: replaces ?? undefined,
  }));
}

/** `agreed` has a row where everything is as it was read, and the person still consents. */
function agree({ stretch: { conversationId, person, turns, until } }: Learned): CommonTable[] {
  const said = turns.filter(({ role }) => role === "user");
  const stamps = listOf(said.map(({ id, stamp }) => sql`(${id}::bigint, ${stamp}::text)`));
  const consented = sql`
    select user_id from learning_consents where user_id = ${person}
      and not exists (select from opt_outs where opt_outs.user_id = ${person}) for key share`;
  const agreed = sql`
    select user_id from consented
    where (select count(*) from held) = ${said.length}::integer`;
  const progressed = sql`
    insert into learning_progress (conversation_id, user_id, until)
    select ${conversationId}::bigint, user_id, ${until}::integer from agreed
    on conflict (conversation_id, user_id)
    do update set until = greatest(learning_progress.until, excluded.until)`;
  return [
    ["held", sql`select id from turns where (id, md5(content)) in (${stamps}) for share`],
    ["consented", consented],
    ["agreed", agreed],
    ["progressed", progressed],
  ];
}

/** Those of the facts that were not discarded once, as many as there may be. */
function choose({ facts, most, stretch: { person } }: Learned): CommonTable[] {
  const rows = facts.map(({ key, replaces, text }, place) => ({
    place,
    content: text,
    digest: toDigest(person, key),
    replaces,
  }));
  const given = sql`
    select * from jsonb_to_recordset(${toStorableJson(rows)})
      as row (place integer, content text, digest text, replaces bigint)`;
  const since = sql`${most.since.toISOString()}::timestamptz`;
  const chosen = sql`
    select given.* from given, agreed
    where not exists (select from discarded_facts
      where user_id = ${person} and discarded_facts.digest = given.digest)
    order by place limit greatest(0, ${most.count}::integer - (
      select count(*) from proposals where user_id = ${person} and proposed_at >= ${since}))`;
  return [
    ["given", given],
    ["chosen", chosen],
  ];
}

function add({ at, stretch: { conversationId, person } }: Learned): CommonTable[] {
  const added = sql`
    insert into proposals (conversation_id, user_id, content, replaces, proposed_at)
    select ${conversationId}::bigint, ${person}::text, chosen.content, notes.id,
      ${at.toISOString()}::timestamptz
    from chosen left join notes on notes.id = chosen.replaces order by place
    returning id, content, replaces`;
  const rested = sql`
    insert into proposal_turns (proposal_id, turn_id) select added.id, held.id from added, held`;
  return [
    ["added", added],
    ["rested", rested],
  ];
}

interface AddedRow {
  readonly id: RowId;
  readonly text: string;
  readonly replaces: string | null;
}

/** The note that it replaces, or a new one, and the proposal change together. */
export async function keep(
  queries: Queries,
  id: RowId,
  note: Omit<NewNote, "text">,
): Promise<Note | "gone" | "too-many"> {
  const { about, author, guildId, parentId, placeId } = note;
  const steps = toCommonTables(queries, [
    [
      "taken",
      sql`select id, content, replaces from proposals
        where id = ${id} and state = 'pending' for update`,
    ],
    [
      "edited",
      sql`update notes set content = taken.content from taken where notes.id = taken.replaces
        returning notes.*`,
    ],
    [
      "added",
      sql`insert into notes (kind, guild_id, place_id, parent_id, subject_id, content, author_id,
          author_name)
        select 'person', ${guildId ?? null}::text, ${placeId ?? null}::text,
          ${parentId ?? null}::text, ${about ?? null}::text, taken.content, ${author.id}::text,
          ${toStorable(author.name)}::text
        from taken where not exists (select from edited)
          and (select count(*) from notes where ${isBeside(note)}) < ${MAX_NOTES.person}::integer
        returning *`,
    ],
  ]);
  const kept = queries
    .$with("kept", getTableColumns(notes))
    .as(sql`select * from edited union all select * from added`);
  const decided = queries.$with("decided", {}).as(sql`
    update proposals set state = 'kept', content = null, replaces = null from taken
    where proposals.id = taken.id and exists (select from kept)`);
  const [row] = await queries
    .with(...steps, kept, decided)
    .select()
    .from(kept);
  if (row !== undefined) return toNote(row);
  const left = await queries
    .select({ id: proposals.id })
    .from(proposals)
    .where(sql`${proposals.id} = ${id} and ${proposals.state} = 'pending'`);
  return left.length === 0 ? "gone" : "too-many";
}

/** Only a hash of it stays, by which it is known again. */
export async function discard(queries: Queries, id: RowId, key: string): Promise<boolean> {
  const [row] = await queries
    .select({ userId: proposals.userId })
    .from(proposals)
    .where(sql`${proposals.id} = ${id}`);
  if (row === undefined) return false;
  const digest = toDigest(row.userId, key);
  const discarded = sql`
    update proposals set state = 'discarded', content = null, replaces = null
    where id = ${id} and state = 'pending' returning user_id, conversation_id, id`;
  const noted = sql`
    insert into discarded_facts (user_id, digest, guild_id)
    select user_id, ${digest}::text,
      (select guild_id from conversations where conversations.id = conversation_id)
    from discarded on conflict do nothing`;
  const steps = toCommonTables(queries, [
    ["discarded", discarded],
    ["noted", noted],
  ]);
  const done = queries
    .$with("done", { id: sql<number>`id`.as("id") })
    .as(sql`select id from discarded`);
  const rows = await queries
    .with(...steps, done)
    .select()
    .from(done);
  return rows.length > 0;
}

/** Another one for everybody, so that nobody's can be compared. */
function toDigest(userId: string, key: string): string {
  return createHash("sha256").update(`${userId}\n${key}`).digest("hex");
}
