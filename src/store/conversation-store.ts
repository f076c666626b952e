import { and, asc, desc, eq, gte, isNull, lt, ne, or, sql } from "drizzle-orm";
import type {
  Conversation,
  EntryVariant,
  HistoryEntry,
  RowId,
  TokenCount,
  Turn,
} from "../chat/conversation.ts";
import { toMessageId, toUserId } from "../chat/ids.ts";
import type { ChannelId, MessageId } from "../chat/ids.ts";
import type { AliveConversation, ConversationStore } from "../chat/ports.ts";
import {
  findConversation,
  greatestMessageId,
  openConversation,
  recordTurn,
  touchConversation,
} from "./conversation-queries.ts";
import type { Database, Queries } from "./database.ts";
import { forgetMessages, forgetPlace } from "./forget.ts";
import { QUOTE_LINE } from "./quote-line.ts";
import { placeColumns, toCharacter, toPlace, toSpeaker, toStorable } from "./rows.ts";
import { conversations, turns, variants } from "./schema.ts";
import { summaries } from "./memory-schema.ts";
import { createTurnControls } from "./turn-controls.ts";
import { ACTIVE_VARIANT, TEXT, toTurn } from "./turn-text.ts";
import { readEdge } from "./window-edge.ts";

// What is read is bounded by positions rather than by `limit`: without statistics, which the
// embedded database never gathers, the planner reads and sorts all turns for the first few.

/** Far more turns than a window holds: a bound on what one message can cost. */
const MAX_VIEW = 2_000;

const PAGE = 200;

/** Those that have a text, oldest first. */
const ALL_VARIANTS = sql<readonly EntryVariant[] | null>`(
  select jsonb_agg(jsonb_build_object('text', one.content, 'isShown', one.is_active) order by one.id)
  from variants as one where one.turn_id = ${turns.id} and (one.content <> '' or one.is_active))`;

/** No query here reads more of a conversation than it returns, but for the count of an edge. */
export function createConversationStore(database: Database): ConversationStore {
  return {
    find: (placeId) =>
      database.run("find a conversation", (queries) => findConversation(queries, placeId)),
    open: (conversation) =>
      database.run("open a conversation", (queries) => openConversation(queries, conversation)),
    record: (conversationId, turn) =>
      database.run("record a turn", (queries) => recordTurn(queries, conversationId, turn)),
    touch: (conversationId, speakerId) =>
      database.run("touch a conversation", (queries) =>
        touchConversation(queries, conversationId, speakerId),
      ),
    edit: (placeId, messageId, text) =>
      database.run("edit a turn", (queries) => edit(queries, { placeId, messageId, text })),
    forgetMessages: (placeId, messageIds) => forgetMessages(database, placeId, messageIds),
    forgetPlace: (placeId) =>
      database.run("forget a place", (queries) => forgetPlace(queries, placeId)),
    closeGuild: (guildId) =>
      change(database, "close a guild", (queries) =>
        queries
          .update(conversations)
          .set({ closedAt: sql`now()` })
          .where(and(eq(conversations.guildId, guildId), isNull(conversations.closedAt))),
      ),
    ...createTurnControls(database),
    view: (conversation, before) =>
      database.run("read the window", (queries) => view(queries, conversation, before)),
    moveWindow: (conversationId, windowStart) =>
      change(database, "move the window", (queries) =>
        moveWindow(queries, conversationId, windowStart),
      ),
    edge: (conversationId, position) => readEdge(database, conversationId, position),
    saveCounts: (counts) => saveCounts(database, counts),
    reset: (placeId, upTo) =>
      change(database, "reset a conversation", (queries) => reset(queries, placeId, upTo)),
    history: (placeId) => history(database, placeId),
    alive: (limit) =>
      database.run("find alive conversations", (queries) => readAlive(queries, limit)),
  };
}

async function change(
  database: Database,
  operation: string,
  query: (queries: Queries) => PromiseLike<unknown>,
): Promise<void> {
  await database.run(operation, query);
}

interface Edit {
  readonly placeId: ChannelId;
  readonly messageId: MessageId;
  readonly text: string;
}

async function edit(queries: Queries, { messageId, placeId, text }: Edit): Promise<boolean> {
  const content = sql`(coalesce(substring(turns.content from ${QUOTE_LINE}::text), '')
    || ${toStorable(text)}::text)`;
  const isMeant = sql`turns.message_id = ${messageId} and turns.role = 'user'
    and turns.content <> ${content} and turns.conversation_id in (
      select id from conversations where place_id = ${placeId})`;
  const isOut = sql`exists (select from opt_outs where opt_outs.user_id = turns.author_id)`;
  const dropped = queries
    .$with("dropped", {})
    .as(sql`delete from turns where ${isMeant} and ${isOut} returning id`);
  const edited = queries.$with("edited", {}).as(sql`
    update turns set content = ${content}, token_count = null, token_basis = null
    where ${isMeant} and not ${isOut} returning id`);
  const changed = queries
    .$with("changed", { id: turns.id })
    .as(sql`select id from dropped union all select id from edited`);
  const rows = await queries.with(dropped, edited, changed).select().from(changed);
  return rows.length > 0;
}

async function view(
  queries: Queries,
  { id, windowStart }: Conversation,
  before?: number,
): Promise<Turn[]> {
  const start = sql`(select greatest(${windowStart}::integer, next_position - ${MAX_VIEW}::integer)
    from conversations where id = ${id})`;
  const rows = await queries
    .select({ turn: turns, text: TEXT })
    .from(turns)
    .leftJoin(variants, ACTIVE_VARIANT)
    .where(
      and(
        eq(turns.conversationId, id),
        gte(turns.position, start),
        before === undefined ? undefined : lt(turns.position, before),
        ne(TEXT, ""),
      ),
    )
    .orderBy(asc(turns.position));
  return rows.map(toTurn);
}

/** A reset that came meanwhile is further on, and stays. */
function moveWindow(queries: Queries, conversationId: RowId, windowStart: number) {
  const start = sql`greatest(${conversations.windowStart}, ${windowStart}::integer)`;
  return queries
    .update(conversations)
    .set({ windowStart: start })
    .where(eq(conversations.id, conversationId));
}

function reset(queries: Queries, placeId: ChannelId, upTo: MessageId | undefined) {
  const { nextPosition, placeId: here } = conversations;
  const started = queries.$with("started").as(
    queries
      .update(conversations)
      .set({
        windowStart: nextPosition,
        freshFrom: nextPosition,
        ...(upTo === undefined ? {} : { lastMessageId: greatestMessageId(upTo) }),
      })
      .where(eq(here, placeId))
      .returning({ id: conversations.id }),
  );
  return queries
    .with(started)
    .delete(summaries)
    .where(sql`${summaries.conversationId} in (select id from started)`);
}

async function saveCounts(
  database: Database,
  counts: ReadonlyMap<RowId, TokenCount>,
): Promise<void> {
  if (counts.size === 0) return;
  const rows = Array.from(
    counts,
    ([id, { basis, tokens }]) => sql`(${id}::bigint, ${tokens}::integer, ${basis}::text)`,
  );
  const statement = sql`
    update turns set token_count = counted.tokens, token_basis = counted.basis
    from (values ${sql.join(rows, sql`, `)}) as counted (id, tokens, basis)
    where turns.id = counted.id`;
  await change(database, "save token counts", (queries) => queries.execute(statement));
}

async function* history(
  database: Database,
  placeId: ChannelId,
): AsyncGenerator<readonly HistoryEntry[], void> {
  const [range] = await database.run("read a history", (queries) =>
    queries
      .select({
        id: conversations.id,
        // What was adopted may stand before the first position.
        start: sql<number>`least(0, (select min(position) from turns
          where turns.conversation_id = conversations.id))`,
        end: conversations.nextPosition,
      })
      .from(conversations)
      .where(eq(conversations.placeId, placeId)),
  );
  if (range === undefined) return;
  for (let { start } = range; start < range.end; start += PAGE) {
    const rows = await database.run("read a history", (queries) =>
      readPage(queries, range.id, start),
    );
    if (rows.length > 0) yield rows.map(toHistoryEntry);
  }
}

type HistoryRow = Awaited<ReturnType<typeof readPage>>[number];

async function readPage(queries: Queries, conversationId: RowId, start: number) {
  return await queries
    .select({
      turn: turns,
      text: TEXT,
      finishReason: variants.finishReason,
      variants: ALL_VARIANTS,
      windowStart: conversations.windowStart,
    })
    .from(turns)
    .innerJoin(conversations, eq(conversations.id, turns.conversationId))
    .leftJoin(variants, ACTIVE_VARIANT)
    .where(
      and(
        eq(turns.conversationId, conversationId),
        gte(turns.position, start),
        lt(turns.position, start + PAGE),
        ne(TEXT, ""),
      ),
    )
    .orderBy(asc(turns.position));
}

function toHistoryEntry({ finishReason, text, turn, ...row }: HistoryRow): HistoryEntry {
  const { variants: all, windowStart } = row;
  return {
    role: turn.role,
    speaker: toSpeaker(turn),
    ...toCharacter(turn),
    ...(all === null || all.length < 2 ? {} : { variants: all }),
    text,
    saidAt: turn.saidAt,
    finishReason: finishReason ?? undefined,
    isInView: turn.position >= windowStart,
  };
}

async function readAlive(queries: Queries, limit: number): Promise<AliveConversation[]> {
  const due = sql<Due | null>`(
    select case when turns.role = 'user' and not turns.is_adopted
      and turns.said_at > now() - interval '1 day'
      and turns.position >= conversations.window_start
      then turns.position || ' ' || coalesce(turns.author_id, '') end
    from turns where turns.conversation_id = conversations.id
    order by turns.position desc limit 1)`.mapWith(toDue);
  const isRecent = sql`${conversations.lastActiveAt} > now() - interval '7 days'`;
  const rows = await queries
    .select({ ...placeColumns, lastMessageId: conversations.lastMessageId, due })
    .from(conversations)
    .where(and(isNull(conversations.closedAt), or(conversations.isParticipant, isRecent)))
    .orderBy(desc(conversations.lastActiveAt), desc(conversations.id))
    .limit(limit);
  return rows.map((row) => ({
    place: toPlace(row),
    lastMessageId: row.lastMessageId === null ? undefined : toMessageId(row.lastMessageId),
    isAnswerDue: row.due !== null,
    duePosition: row.due?.duePosition,
    dueTo: row.due?.dueTo,
  }));
}

type Due = Pick<AliveConversation, "duePosition" | "dueTo">;

/** From "position author", where the author may be missing. */
function toDue(value: string): Due {
  const [position, author = ""] = value.split(" ");
  return {
    duePosition: Number(position),
    dueTo: author === "" ? undefined : toUserId(author),
  };
}
