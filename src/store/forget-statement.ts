import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { ReplyPart, RowId } from "../chat/conversation.ts";
import type { ChannelId, MessageId } from "../chat/ids.ts";
import { listOf, toCommonTables } from "./common-table.ts";
import type { CommonTable } from "./common-table.ts";
import type { Queries } from "./database.ts";
import { moveParts } from "./move-parts.ts";
import { UNQUOTED } from "./quote-line.ts";
import { turns } from "./schema.ts";

interface SeenReply {
  readonly id: RowId;
  /** As it was read; when it has another by now, nothing is changed. */
  readonly revision: number;
}

/** What becomes of a reply that loses some of its messages. */
export type ForgottenReply = SeenReply &
  (
    | { readonly kind: "turn-goes" }
    | { readonly kind: "variant-goes" }
    /** Its text is not whole yet: the stretches are cut out when it ends. */
    | { readonly kind: "still-streaming" }
    | { readonly kind: "cut"; readonly text: string; readonly parts: readonly ReplyPart[] }
  );

export interface Forgetting {
  readonly placeId: ChannelId;
  readonly messageIds: readonly MessageId[];
  /** At least one. */
  readonly replies: readonly ForgottenReply[];
}

/** Returns how many turns changed: those of the messages, and those that quote them. */
export async function deleteUserTurns(
  queries: Queries,
  placeId: ChannelId,
  messageIds: readonly MessageId[],
): Promise<number> {
  const messages = listOf(messageIds.map((id) => sql`${id}`));
  const said = sql`delete from turns where ${isUserTurnOf(placeId, messages)} returning id`;
  const steps = toCommonTables(queries, [
    ["said", said],
    ["unquoted", unquote(placeId, messages)],
  ]);
  const changed = queries
    .$with("changed", { id: turns.id })
    .as(sql`select id from said union all select id from unquoted`);
  const rows = await queries
    .with(...steps, changed)
    .select()
    .from(changed);
  return rows.length;
}

/** But for those that go themselves. */
function unquote(placeId: ChannelId, messages: SQL, isAgreed: SQL = sql`true`): SQL {
  return sql`
    update turns set ${UNQUOTED} where quoted_message_id in (${messages})
      and conversation_id in (select id from conversations where place_id = ${placeId})
      and message_id not in (${messages}) and ${isAgreed} returning id`;
}

/**
 * One statement, so that all of it happens or nothing. Returns how many turns changed; undefined,
 * and nothing has changed, when a reply is no longer as it was read.
 */
export async function writeForgetting(
  queries: Queries,
  forgetting: Forgetting,
): Promise<number | undefined> {
  const isAgreed = sql`(select count(*) from locked) = ${forgetting.replies.length}`;
  const steps = toCommonTables(queries, [
    ...agreeOn(forgetting.replies, isAgreed),
    ...forgetTurns(forgetting, isAgreed),
    ...forgetParts(forgetting),
  ]);
  const outcome = queries.$with("outcome", {
    isAgreed: sql<boolean>`is_agreed`.as("is_agreed"),
    changed: sql<number>`changed`.as("changed"),
  }).as(sql`
      select ${isAgreed} as is_agreed,
        ((select count(*) from said) + (select count(*) from emptied)
          + (select count(*) from unquoted)
          + (select count(distinct id) from uncounted))::integer as changed`);
  const [row] = await queries
    .with(...steps, outcome)
    .select()
    .from(outcome);
  return row?.isAgreed === true ? row.changed : undefined;
}

/** `agreed` has all of the replies, or none; until the end of the statement nobody changes them. */
function agreeOn(replies: readonly ForgottenReply[], isAgreed: SQL): CommonTable[] {
  const rows = replies.map((reply) => {
    const text = reply.kind === "cut" ? reply.text : null;
    return sql`(${reply.id}::bigint, ${reply.revision}::integer, ${reply.kind}::text, ${text}::text)`;
  });
  const locked = sql`
    select variants.id, variants.turn_id, seen.kind, seen.content
    from (values ${listOf(rows)}) as seen (id, revision, kind, content)
    join variants on variants.id = seen.id and variants.revision = seen.revision
    order by variants.id for update of variants`;
  return [
    ["locked", locked],
    ["agreed", sql`select * from locked where ${isAgreed}`],
  ];
}

function forgetTurns({ messageIds, placeId }: Forgetting, isAgreed: SQL): CommonTable[] {
  const messages = listOf(messageIds.map((id) => sql`${id}`));
  const said = sql`
    delete from turns where ${isUserTurnOf(placeId, messages)} and ${isAgreed} returning id`;
  const emptied = sql`
    delete from turns using agreed
    where turns.id = agreed.turn_id and agreed.kind = 'turn-goes' returning turns.id`;
  const dropped = sql`
    delete from variants using agreed
    where variants.id = agreed.id and agreed.kind = 'variant-goes'`;
  return [
    ["said", said],
    ["unquoted", unquote(placeId, messages, isAgreed)],
    ["emptied", emptied],
    ["dropped", dropped],
  ];
}

function forgetParts({ messageIds, replies }: Forgetting): CommonTable[] {
  const messages = listOf(messageIds.map((id) => sql`${id}`));
  const rewritten = sql`
    update variants
    set content = coalesce(agreed.content, variants.content), thoughts = null,
      revision = revision + 1
    from agreed
    where variants.id = agreed.id and agreed.kind in ('cut', 'still-streaming')
    returning variants.turn_id`;
  const uncounted = sql`
    update turns set token_count = null, token_basis = null
    from rewritten where turns.id = rewritten.turn_id
      and not exists (select from emptied where emptied.id = turns.id)
    returning turns.id`;
  const flagged = sql`
    update parts set is_forgotten = true from agreed
    where parts.variant_id = agreed.id and agreed.kind = 'still-streaming'
      and parts.message_id in (${messages})`;
  const removed = sql`
    delete from parts using agreed
    where parts.variant_id = agreed.id and agreed.kind = 'cut'
      and parts.message_id in (${messages})`;
  const moves = replies.flatMap((reply) =>
    reply.kind === "cut" ? reply.parts.map((part) => ({ variantId: reply.id, part })) : [],
  );
  return [
    ["rewritten", rewritten],
    ["uncounted", uncounted],
    ["flagged", flagged],
    ["removed", removed],
    ...moveParts(moves),
  ];
}

function isUserTurnOf(placeId: ChannelId, messages: SQL): SQL {
  return sql`role = 'user' and message_id in (${messages})
    and conversation_id in (select id from conversations where place_id = ${placeId})`;
}
