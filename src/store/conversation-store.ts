import { and, asc, desc, eq, gte, isNull, lt, ne, or, sql } from "drizzle-orm";
import type { Conversation, HistoryEntry, RowId, TokenCount, Turn } from "../chat/conversation.ts";
import { toMessageId, toUserId } from "../chat/ids.ts";
import type { ChannelId, MessageId } from "../chat/ids.ts";
import type { AliveConversation, ConversationStore } from "../chat/ports.ts";
import {
  findConversation,
  greatestMessageId,
  openConversation,
  recordTurn,
} from "./conversation-queries.ts";
import type { Database, Queries } from "./database.ts";
import { forgetMessages, forgetPlace } from "./forget.ts";
import { placeColumns, toCount, toPlace, toSpeaker, toStorable } from "./rows.ts";
import { conversations, turns, variants } from "./schema.ts";
import { createTurnControls } from "./turn-controls.ts";
import { readEdge } from "./window-edge.ts";

// What is read is bounded by positions rather than by `limit`: without statistics, which the
// embedded database never gathers, the planner reads and sorts all turns for the first few.

/** Far more turns than a window holds: a bound on what one message can cost. */
const MAX_VIEW = 2_000;

const PAGE = 200;

/** What a person said, or the active variant of a reply. */
const TEXT = sql<string>`coalesce(${variants.content}, ${turns.content}, '')`;
const ACTIVE_VARIANT = and(eq(variants.turnId, turns.id), variants.isActive);

/** No query here reads more of a conversation than it returns, but for the count of an edge. */
export function createConversationStore(database: Database): ConversationStore {
  return {
    find: (placeId) =>
      database.run("find a conversation", (queries) => findConversation(queries, placeId)),
    open: (conversation) =>
      database.run("open a conversation", (queries) => openConversation(queries, conversation)),
    record: (conversationId, turn) =>
      database.run("record a turn", (queries) => recordTurn(queries, conversationId, turn)),
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
      change(database, "reset a conversation", (queries) =>
        queries
          .update(conversations)
          .set({
            windowStart: conversations.nextPosition,
            ...(upTo === undefined ? {} : { lastMessageId: greatestMessageId(upTo) }),
          })
          .where(eq(conversations.placeId, placeId)),
      ),
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
  const content = toStorable(text);
  const edited = await queries
    .update(turns)
    .set({ content, tokenCount: null, tokenBasis: null })
    .from(conversations)
    .where(
      and(
        eq(conversations.placeId, placeId),
        eq(turns.conversationId, conversations.id),
        eq(turns.messageId, messageId),
        eq(turns.role, "user"),
        ne(turns.content, content),
      ),
    )
    .returning({ id: turns.id });
  return edited.length > 0;
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
  return rows.map(({ text, turn }) => ({
    id: turn.id,
    position: turn.position,
    role: turn.role,
    speaker: toSpeaker(turn),
    text,
    count: toCount(turn),
  }));
}

/** A reset that came meanwhile is further on, and stays. */
function moveWindow(queries: Queries, conversationId: RowId, windowStart: number) {
  const start = sql`greatest(${conversations.windowStart}, ${windowStart}::integer)`;
  return queries
    .update(conversations)
    .set({ windowStart: start })
    .where(eq(conversations.id, conversationId));
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
      .select({ id: conversations.id, end: conversations.nextPosition })
      .from(conversations)
      .where(eq(conversations.placeId, placeId)),
  );
  if (range === undefined) return;
  for (let start = 0; start < range.end; start += PAGE) {
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

function toHistoryEntry({ finishReason, text, turn, windowStart }: HistoryRow): HistoryEntry {
  return {
    role: turn.role,
    speaker: toSpeaker(turn),
    text,
    saidAt: turn.saidAt,
    finishReason: finishReason ?? undefined,
    isInView: turn.position >= windowStart,
  };
}

async function readAlive(queries: Queries, limit: number): Promise<AliveConversation[]> {
  const dueTo = sql<string | null>`(
    select case when turns.role = 'user' and turns.said_at > now() - interval '1 day'
      and turns.position >= conversations.window_start then coalesce(turns.author_id, '') end
    from turns where turns.conversation_id = conversations.id
    order by turns.position desc limit 1)`;
  const isRecent = sql`${conversations.lastActiveAt} > now() - interval '7 days'`;
  const rows = await queries
    .select({ ...placeColumns, lastMessageId: conversations.lastMessageId, dueTo })
    .from(conversations)
    .where(and(isNull(conversations.closedAt), or(conversations.isParticipant, isRecent)))
    .orderBy(desc(conversations.lastActiveAt), desc(conversations.id))
    .limit(limit);
  return rows.map((row) => ({
    place: toPlace(row),
    lastMessageId: row.lastMessageId === null ? undefined : toMessageId(row.lastMessageId),
    isAnswerDue: row.dueTo !== null,
    dueTo: row.dueTo === null || row.dueTo === "" ? undefined : toUserId(row.dueTo),
  }));
}
