import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { RowId } from "../chat/conversation.ts";
import type { Step } from "../chat/privacy/privacy-store.ts";
import { toCommonTables } from "./common-table.ts";
import type { CommonTable } from "./common-table.ts";
import type { Queries } from "./database.ts";

/** Rows that one statement changes: others wait no longer than for that. */
export const STEP_ROWS = 500;

interface StepParts {
  /** The rows that are to be changed, at most `STEP_ROWS` each. */
  readonly chosen: readonly CommonTable[];
  /** They return the conversations of what was changed. */
  readonly changes: readonly CommonTable[];
  readonly beside?: readonly CommonTable[];
}

/**
 * There is more to do while as many rows are chosen as may be; some may have been changed by someone
 * else meanwhile. That the engine has yet to forget the conversations is noted with it, so that a crash
 * in between is made up for.
 */
export async function takeStep(
  queries: Queries,
  { beside = [], changes, chosen }: StepParts,
): Promise<Step> {
  const rows = changes.map(([name]) => sql`select conversation_id from ${sql.identifier(name)}`);
  const most = chosen.map(([name]) => sql`(select count(*) from ${sql.identifier(name)})`);
  const changed = sql`select distinct conversation_id from (
    ${sql.join(rows, sql` union all `)}) as rows`;
  const outcome = queries.$with("outcome", {
    conversations: sql<readonly RowId[]>`conversations`.as("conversations"),
    isDone: sql<boolean>`is_done`.as("is_done"),
  }).as(sql`
    select coalesce((select jsonb_agg(conversation_id) from changed), '[]'::jsonb) as conversations,
      greatest(${sql.join(most, sql`, `)}) < ${STEP_ROWS}::integer as is_done`);
  const steps: readonly CommonTable[] = [
    ...chosen,
    ...beside,
    ...changes,
    ["changed", changed],
    markStale(sql`select conversation_id from changed`),
  ];
  const [row] = await queries
    .with(...toCommonTables(queries, steps), outcome)
    .select()
    .from(outcome);
  return row ?? { conversations: [], isDone: true };
}

/** The engine has yet to forget what it evaluated of these conversations. */
export function markStale(conversationIds: SQL): CommonTable {
  const stale = sql`insert into stale_evaluations (conversation_id) ${conversationIds}`;
  return ["stale", stale];
}

/** All of them in one statement, for what they do. */
export async function runSteps(queries: Queries, steps: readonly CommonTable[]): Promise<void> {
  const done = queries.$with("done", { one: sql<number>`one`.as("one") }).as(sql`select 1 as one`);
  await queries
    .with(...toCommonTables(queries, steps), done)
    .select()
    .from(done);
}
