import { and, asc, eq, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type {
  FinishReason,
  ReplyPart,
  ReplyUsage,
  RowId,
  TokenCount,
} from "../chat/conversation.ts";
import type { ReplyCharge, ReplyEnding } from "../chat/ports.ts";
import { toCommonTables } from "./common-table.ts";
import type { CommonTable } from "./common-table.ts";
import { cutParts } from "./cut-parts.ts";
import type { Database, Queries } from "./database.ts";
import { writeAskers } from "./joint-askers.ts";
import { moveParts } from "./move-parts.ts";
import { toPart, toStorable } from "./rows.ts";
import { parts, variants } from "./schema.ts";

const STATES: Readonly<Record<FinishReason, "complete" | "failed" | "interrupted">> = {
  stop: "complete",
  length: "complete",
  context: "complete",
  parts: "complete",
  repetition: "complete",
  "other-speaker": "complete",
  empty: "complete",
  aborted: "interrupted",
  interrupted: "interrupted",
  unreachable: "interrupted",
  timeout: "failed",
  failed: "failed",
};

/** Ends a reply that is still streaming; one that has ended, or is forgotten, stays as it is. */
export async function endReply(
  database: Database,
  replyId: RowId,
  ending: ReplyEnding,
): Promise<void> {
  const stored = { ...ending, text: toStorable(ending.text), thoughts: toThoughts(ending) };
  const whole: Ending = { replyId, revision: 0, ending: stored, moves: [] };
  if (await database.run("end a reply", (queries) => writeEnding(queries, whole))) return;
  for (;;) {
    const holed = await database.run("read a reply", (queries) => readHoled(queries, replyId));
    if (holed === undefined) return;
    const rest = { ...whole, ...cutHoles(stored, holed), revision: holed.revision };
    if (await database.run("end a reply", (queries) => writeEnding(queries, rest))) return;
  }
}

/** Parts that stay where they are may get new stretches meanwhile. */
function cutHoles(
  ending: ReplyEnding,
  { forgotten, parts: stored }: HoledReply,
): Pick<Ending, "ending" | "moves"> {
  if (forgotten.size === 0) return { ending, moves: [] };
  const { parts: moves, text } = cutParts(ending.text, stored, ({ index }) => forgotten.has(index));
  // What was taken back may stand in the thoughts once more.
  return { ending: { ...ending, text, thoughts: undefined, count: undefined }, moves };
}

interface Ending {
  readonly replyId: RowId;
  /** Of the reply as it was read; when it has another by now, nothing is written. */
  readonly revision: number;
  readonly ending: ReplyEnding;
  readonly moves: readonly ReplyPart[];
}

async function writeEnding(
  queries: Queries,
  { ending, moves, replyId, revision }: Ending,
): Promise<boolean> {
  const { reason, text, thoughts } = ending;
  const agreed = queries.$with("agreed", { id: variants.id }).as(sql`
    select id, turn_id from variants
    where id = ${replyId} and state = 'streaming' and revision = ${revision} for update`);
  const emptied = sql`
    delete from turns using agreed
    where turns.id = agreed.turn_id and ${text}::text = '' and not exists (
      select from variants as other
      where other.turn_id = agreed.turn_id and other.id <> agreed.id)
    returning turns.id`;
  const dropped = sql`
    delete from variants using agreed
    where variants.id = agreed.id and ${text}::text = '' and exists (
      select from variants as other
      where other.turn_id = agreed.turn_id and other.id <> agreed.id)
    returning variants.turn_id`;
  const ended = sql`
    update variants set content = ${text}, thoughts = ${thoughts ?? null}, state = ${STATES[reason]}, finish_reason = ${reason},
      ended_at = now(), revision = revision + 1 ${alsoSetUsage(ending.usage)}
    from agreed where variants.id = agreed.id and not exists (select from emptied)
      and not exists (select from dropped)
    returning variants.id, variants.turn_id`;
  const counted = sql`
    update turns set ${setCount(ending.count)} from ended where turns.id = ended.turn_id`;
  const removed = sql`
    delete from parts using agreed where parts.variant_id = agreed.id and parts.is_forgotten`;
  const rest = toCommonTables(queries, [
    ["emptied", emptied],
    ["dropped", dropped],
    ...fallBack(replyId),
    ["ended", ended],
    ["counted", counted],
    ["removed", removed],
    ...moveParts(moves.map((part) => ({ variantId: replyId, part }))),
    ...writeUsage(ending.charge),
    ...writeAskers(sql`select id from ended`, ending.alsoAskedBy),
  ]);
  const rows = await queries
    .with(agreed, ...rest)
    .select({ id: agreed.id })
    .from(agreed);
  return rows.length > 0;
}

/** Of a variant without any text, nothing is kept: the newest of the others is shown again. */
function fallBack(replyId: RowId): readonly CommonTable[] {
  const restored = sql`
    update variants set is_active = true, revision = variants.revision + 1 from dropped
    where variants.id = (select max(other.id) from variants as other
      where other.turn_id = dropped.turn_id and other.id <> ${replyId})
    returning variants.id, variants.turn_id`;
  const handed = sql`
    update parts set variant_id = restored.id from restored
    where parts.variant_id = ${replyId} and not parts.is_forgotten`;
  return [
    ["restored", restored],
    ["handed", handed],
  ];
}

/** What is older than any quota counts goes meanwhile. */
function writeUsage(charge: ReplyCharge | undefined): readonly CommonTable[] {
  if (charge === undefined) return [];
  const { guildId, tokens, userId } = charge;
  const charged = sql`
    insert into usages (guild_id, user_id, tokens)
    select ${guildId}::text, ${userId}::text, ${tokens}::integer from agreed`;
  const expired = sql`delete from usages where ended_at < now() - interval '1 day'`;
  return [
    ["charged", charged],
    ["expired", expired],
  ];
}

function toThoughts({ thoughts }: ReplyEnding): string | undefined {
  return thoughts === undefined ? undefined : toStorable(thoughts);
}

function alsoSetUsage(usage: ReplyUsage | undefined): SQL {
  if (usage === undefined) return sql``;
  return sql`,
    prompt_tokens = ${usage.promptTokens}, reused_tokens = ${usage.reusedTokens},
    reply_tokens = ${usage.replyTokens}, first_token_ms = ${usage.firstTokenMs},
    total_ms = ${usage.totalMs}`;
}

function setCount(count: TokenCount | undefined): SQL {
  if (count === undefined) return sql`token_count = null, token_basis = null`;
  return sql`token_count = ${count.tokens}, token_basis = ${count.basis}`;
}

interface HoledReply {
  readonly revision: number;
  readonly parts: readonly ReplyPart[];
  /** Indexes of parts. */
  readonly forgotten: ReadonlySet<number>;
}

/** A reply that was gone on with, or lost some of its messages while it was being written. */
async function readHoled(queries: Queries, replyId: RowId): Promise<HoledReply | undefined> {
  const rows = await queries
    .select({ revision: variants.revision, part: parts })
    .from(variants)
    .leftJoin(parts, eq(parts.variantId, variants.id))
    .where(and(eq(variants.id, replyId), eq(variants.state, "streaming")))
    .orderBy(asc(parts.index));
  const revision = rows[0]?.revision;
  if (revision === undefined) return undefined;
  const stored = rows.flatMap(({ part }) => part ?? []);
  const forgotten = stored.filter((part) => part.isForgotten).map((part) => part.index);
  return {
    revision,
    parts: stored.map(toPart),
    forgotten: new Set(forgotten),
  };
}
