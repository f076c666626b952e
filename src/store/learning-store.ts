import { and, asc, eq, isNull, sql } from "drizzle-orm";
import type { RowId } from "../chat/conversation.ts";
import { toChannelId, toMessageId, toUserId } from "../chat/ids.ts";
import type { MessageId, UserId } from "../chat/ids.ts";
import type { LearningStore, OpenProposal, StaleMessage } from "../chat/learning/learning-store.ts";
import type { Proposal } from "../chat/learning/proposal.ts";
import { listOf, toCommonTables } from "./common-table.ts";
import type { CommonTable } from "./common-table.ts";
import type { Database, Queries } from "./database.ts";
import { discard, keep, save } from "./learning-statements.ts";
import { learningConsents, proposals } from "./learning-schema.ts";
import { nextStretch, readDue } from "./learning-stretch.ts";
import { notes } from "./memory-schema.ts";
import { placeColumns, toPlace } from "./rows.ts";
import { conversations } from "./schema.ts";
import { toStorableJson } from "./storable-json.ts";

export function createLearningStore(database: Database): LearningStore {
  return {
    ...createConsents(database),
    due: (since, limit) =>
      database.run("find what is to be learned", (queries) => readDue(queries, since, limit)),
    nextStretch: (conversationId, since, most) =>
      database.run("read what is to be learned", (queries) =>
        nextStretch(queries, { conversationId, since, most }),
      ),
    save: (learned) => database.run("propose", (queries) => save(queries, learned)),
    keep: (id, note) => database.run("keep a proposal", (queries) => keep(queries, id, note)),
    discard: (id, key) =>
      database.run("discard a proposal", (queries) => discard(queries, id, key)),
    ...createProposals(database),
    ...createMessages(database),
  };
}

type Consents = Pick<LearningStore, "consent" | "hasConsented" | "withdraw">;

function createConsents(database: Database): Consents {
  return {
    hasConsented: (userId) =>
      database.run("read a consent", async (queries) => {
        const isTheirs = eq(learningConsents.userId, userId);
        return (await queries.select().from(learningConsents).where(isTheirs)).length > 0;
      }),
    consent: (userId, since) =>
      database.run("consent", async (queries) => {
        const given = await queries
          .insert(learningConsents)
          .values({ userId, since })
          .onConflictDoNothing()
          .returning({ userId: learningConsents.userId });
        return given.length > 0;
      }),
    withdraw: (userId) =>
      database.run("withdraw a consent", async (queries) => {
        const ended = await queries
          .with(...toCommonTables(queries, [withdrawProposals(userId)]))
          .delete(learningConsents)
          .where(eq(learningConsents.userId, userId))
          .returning({ userId: learningConsents.userId });
        return ended.length > 0;
      }),
  };
}

/** Those that a person has yet to decide on. */
export function withdrawProposals(userId: UserId): CommonTable {
  return [
    "withdrawn",
    sql`update proposals set state = 'withdrawn', content = null, replaces = null
      where user_id = ${userId} and state = 'pending'`,
  ];
}

type Proposals = Pick<LearningStore, "drop" | "dropUnshown" | "expire" | "find" | "undecided">;

function createProposals(database: Database): Proposals {
  return {
    find: (id) => database.run("find a proposal", (queries) => find(queries, id)),
    undecided: (userId) =>
      database.run("read proposals", async (queries) => {
        const rows = await queries
          .select({ content: proposals.content })
          .from(proposals)
          .where(and(eq(proposals.userId, userId), eq(proposals.state, "pending")));
        return rows.flatMap(({ content }) => content ?? []);
      }),
    async drop(ids) {
      if (ids.length === 0) return;
      await database.run("drop proposals", (queries) =>
        queries.delete(proposals).where(sql`${proposals.id} in (${idsOf(ids)})`),
      );
    },
    async dropUnshown() {
      await database.run("drop unseen proposals", (queries) =>
        queries.delete(proposals).where(isNull(proposals.messageId)),
      );
    },
    async expire(before) {
      await database.run("expire proposals", (queries) => expire(queries, before));
    },
  };
}

async function find(queries: Queries, id: RowId): Promise<OpenProposal | undefined> {
  const [row] = await queries
    .select({ proposal: proposals, placeId: conversations.placeId })
    .from(proposals)
    .innerJoin(conversations, eq(conversations.id, proposals.conversationId))
    .where(eq(proposals.id, id));
  if (row === undefined) return undefined;
  const { content, state, userId } = row.proposal;
  const text = content ?? undefined;
  return { person: toUserId(userId), placeId: toChannelId(row.placeId), state, text };
}

/** What is decided stays as long again, without its text: its message may not be up to date. */
async function expire(queries: Queries, before: Date): Promise<void> {
  const time = sql`${before.toISOString()}::timestamptz`;
  const expired = sql`
    update proposals set state = 'expired', content = null, replaces = null
    where proposed_at < ${time} and state = 'pending'`;
  await queries
    .with(...toCommonTables(queries, [["expired", expired]]))
    .delete(proposals)
    .where(sql`proposed_at < ${time} - interval '7 days' and state <> 'pending'`);
}

type Messages = Pick<LearningStore, "dropMessages" | "noteMessage" | "noteShown" | "stale">;

function createMessages(database: Database): Messages {
  return {
    async noteMessage(ids, messageId) {
      await database.run("note a proposal's message", (queries) =>
        queries
          .update(proposals)
          .set({ messageId, shown: "pending" })
          .where(sql`${proposals.id} in (${idsOf(ids)})`),
      );
    },
    async dropMessages(messageIds) {
      if (messageIds.length === 0) return;
      const gone = listOf(messageIds.map((id) => sql`${id}`));
      await database.run("drop a proposal's message", (queries) =>
        queries.delete(proposals).where(sql`${proposals.messageId} in (${gone})`),
      );
    },
    stale: (limit) => database.run("read stale proposals", (queries) => readStale(queries, limit)),
    async noteShown({ proposals: shown }) {
      const rows = shown.map(({ id, state }) => ({ id, state }));
      const given = sql`jsonb_to_recordset(${toStorableJson(rows)}) as given (id bigint, state text)`;
      await database.run("note what proposals show", (queries) =>
        queries
          .update(proposals)
          .set({ shown: sql`given.state` })
          .from(given)
          .where(sql`given.id = ${proposals.id}`),
      );
    },
  };
}

/** The newest first: one that cannot be shown holds up no other. */
async function readStale(queries: Queries, limit: number): Promise<readonly StaleMessage[]> {
  const rows = await queries
    .select({ proposal: proposals, replaces: notes.content, ...placeColumns })
    .from(proposals)
    .innerJoin(conversations, eq(conversations.id, proposals.conversationId))
    .leftJoin(notes, eq(notes.id, proposals.replaces))
    .where(
      sql`${proposals.messageId} in (select message_id from proposals where state <> shown
        group by message_id order by message_id::numeric desc limit ${limit})`,
    )
    .orderBy(asc(proposals.id));
  const messages = new Map<MessageId, StaleMessage>();
  for (const { proposal, replaces, ...place } of rows) {
    if (proposal.messageId === null) continue;
    const messageId = toMessageId(proposal.messageId);
    const before = messages.get(messageId)?.proposals ?? [];
    const shown = toProposal(proposal, replaces);
    const person = toUserId(proposal.userId);
    const message = { messageId, place: toPlace(place), person, proposals: [...before, shown] };
    messages.set(messageId, message);
  }
  return [...messages.values()];
}

function toProposal(
  { content, id, state }: typeof proposals.$inferSelect,
  replaces: string | null,
): Proposal {
  return { id, state, text: content ?? undefined, replaces: replaces ?? undefined };
}

function idsOf(ids: readonly RowId[]) {
  return listOf(ids.map((id) => sql`${id}::bigint`));
}
