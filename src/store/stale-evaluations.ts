import { and, asc, eq, lte, max } from "drizzle-orm";
import type { StaleEvaluation } from "../chat/privacy/privacy-store.ts";
import type { Queries } from "./database.ts";
import { staleEvaluations } from "./privacy-schema.ts";

const { conversationId, id } = staleEvaluations;

export async function readStale(queries: Queries): Promise<readonly StaleEvaluation[]> {
  const rows = await queries
    .select({ conversationId, upTo: max(id) })
    .from(staleEvaluations)
    .groupBy(conversationId)
    .orderBy(asc(conversationId));
  return rows.map((row) => ({ conversationId: row.conversationId, upTo: row.upTo ?? 0 }));
}

export async function dropStale(queries: Queries, stale: StaleEvaluation): Promise<void> {
  await queries
    .delete(staleEvaluations)
    .where(and(eq(conversationId, stale.conversationId), lte(id, stale.upTo)));
}
