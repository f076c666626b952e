import { and, asc, eq, inArray, sql } from "drizzle-orm";
import type { SQL, SQLWrapper } from "drizzle-orm";
import type { RowId } from "../chat/conversation.ts";
import type { ChannelId, MessageId } from "../chat/ids.ts";
import { toCommonTables } from "./common-table.ts";
import { cutParts } from "./cut-parts.ts";
import type { Database, Queries } from "./database.ts";
import { deleteUserTurns, writeForgetting } from "./forget-statement.ts";
import type { ForgottenReply } from "./forget-statement.ts";
import { markStale } from "./privacy-step.ts";
import { toPart } from "./rows.ts";
import { conversations, parts, settings, systemPrompts, turns, variants } from "./schema.ts";
import { notes } from "./memory-schema.ts";
import { personaUses } from "./persona-schema.ts";

/** Reads the replies that these messages show, then changes all there is to change at once. */
export async function forgetMessages(
  database: Database,
  placeId: ChannelId,
  messageIds: readonly MessageId[],
): Promise<number> {
  if (messageIds.length === 0) return 0;
  for (;;) {
    const replies = await database.run("read replies to forget", (queries) =>
      readReplies(queries, placeId, messageIds),
    );
    const changed = await database.run("forget messages", (queries) =>
      replies.length === 0
        ? deleteUserTurns(queries, placeId, messageIds)
        : writeForgetting(queries, { placeId, messageIds, replies }),
    );
    // Undefined: one of the replies ended, or lost another message, in between.
    if (changed !== undefined) return changed;
  }
}

/** Two queries: together, the planner would read whole tables for a few rows. */
async function readReplies(
  queries: Queries,
  placeId: ChannelId,
  messageIds: readonly MessageId[],
): Promise<readonly ForgottenReply[]> {
  const hits = await queries
    .select({ variantId: parts.variantId })
    .from(parts)
    .where(inArray(parts.messageId, [...messageIds]));
  if (hits.length === 0) return [];
  const variantIds = hits.map(({ variantId }) => variantId);
  const rows = await queries
    .select({ variant: variants, part: parts })
    .from(variants)
    .innerJoin(turns, eq(turns.id, variants.turnId))
    .innerJoin(conversations, eq(conversations.id, turns.conversationId))
    .innerJoin(parts, eq(parts.variantId, variants.id))
    .where(and(inArray(variants.id, variantIds), eq(conversations.placeId, placeId)))
    .orderBy(asc(variants.id), asc(parts.index));
  const ids = new Set<string>(messageIds);
  return Array.from(groupById(rows), ([, group]) => toForgotten(group, ids)).flat();
}

interface Row {
  readonly variant: typeof variants.$inferSelect;
  readonly part: typeof parts.$inferSelect;
}

function groupById(rows: readonly Row[]): Map<RowId, Row[]> {
  const groups = new Map<RowId, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.variant.id);
    if (group === undefined) groups.set(row.variant.id, [row]);
    else group.push(row);
  }
  return groups;
}

/** What is left of one reply, all of whose parts are given. */
function toForgotten(rows: readonly Row[], messageIds: ReadonlySet<string>): ForgottenReply[] {
  const [first] = rows;
  if (first === undefined) return [];
  const { content, id, isActive, revision, state } = first.variant;
  const gone = new Set(
    rows
      .filter(({ part }) => part.isForgotten || messageIds.has(part.messageId))
      .map(({ part }) => part.index),
  );
  const seen = { id, revision };
  if (gone.size === rows.length) {
    return [{ ...seen, kind: isActive ? "turn-goes" : "variant-goes" }];
  }
  if (state === "streaming") return [{ ...seen, kind: "still-streaming" }];
  const cut = cutParts(
    content,
    rows.map(({ part }) => toPart(part)),
    (part) => gone.has(part.index),
  );
  return [{ ...seen, kind: "cut", text: cut.text, parts: cut.parts }];
}

/** Cascades to turns, replies and parts. */
export async function forgetPlace(queries: Queries, placeId: ChannelId): Promise<readonly RowId[]> {
  const isHere = (column: SQLWrapper): SQL =>
    sql`${column} = ${placeId} or ${column} in (select place_id from places)`;
  const places = queries.$with("places", {}).as(sql`
    select place_id from conversations where place_id = ${placeId} or parent_id = ${placeId}`);
  const prompts = queries
    .$with("prompts", {})
    .as(sql`delete from system_prompts where ${isHere(systemPrompts.placeId)}`);
  const settled = queries
    .$with("settled", {})
    .as(sql`delete from settings where scope = 'place' and (${isHere(settings.scopeId)})`);
  const used = queries
    .$with("used", {})
    .as(sql`delete from persona_uses where scope = 'place' and (${isHere(personaUses.scopeId)})`);
  const remembered = queries.$with("remembered", {}).as(sql`
    delete from notes where ${isHere(notes.placeId)} or ${notes.parentId} = ${placeId}`);
  const gone = queries.$with("gone", { id: conversations.id }).as(sql`
    delete from conversations where place_id in (select place_id from places) returning id`);
  const stale = toCommonTables(queries, [markStale(sql`select id from gone`)]);
  const rows = await queries
    .with(places, prompts, settled, used, remembered, gone, ...stale)
    .select()
    .from(gone);
  return rows.map(({ id }) => id);
}
