import { desc, eq } from "drizzle-orm";
import { unionAll } from "drizzle-orm/pg-core";
import type { SystemPromptChange } from "../chat/conversation.ts";
import { toChannelId, toUserId } from "../chat/ids.ts";
import type { ChannelId } from "../chat/ids.ts";
import type { Place, Speaker } from "../chat/place.ts";
import type { EffectiveSystemPrompt, SystemPromptStore } from "../chat/ports.ts";
import type { Database, Queries } from "./database.ts";
import { toStorable } from "./rows.ts";
import { systemPrompts } from "./schema.ts";

export function createSystemPromptStore(database: Database): SystemPromptStore {
  return {
    effective: (place) =>
      database.run("read a system prompt", (queries) => readEffective(queries, place)),
    async change(placeId, prompt, by) {
      await database.run("change a system prompt", (queries) =>
        queries.insert(systemPrompts).values({
          ...toColumns(placeId, by),
          prompt: prompt === undefined ? null : toStorable(prompt),
        }),
      );
    },
  };
}

function toColumns(placeId: ChannelId, by: Speaker) {
  return { placeId, changedBy: by.id, changedByName: toStorable(by.name) };
}

async function readEffective(queries: Queries, place: Place): Promise<EffectiveSystemPrompt> {
  const parentId = place.kind === "thread" ? place.parentId : place.id;
  const rows = await unionAll(newestOf(queries, place.id), newestOf(queries, parentId));
  const own = rows.find((row) => row.placeId === place.id);
  const parents = rows.find((row) => row.placeId !== place.id);
  if (own !== undefined && own.prompt !== null) return { source: "place", change: toChange(own) };
  if (parents !== undefined && parents.prompt !== null) {
    return { source: "parent", change: toChange(parents) };
  }
  const latest = own ?? parents;
  return { source: "default", change: latest === undefined ? undefined : toChange(latest) };
}

function newestOf(queries: Queries, placeId: ChannelId) {
  return queries
    .select()
    .from(systemPrompts)
    .where(eq(systemPrompts.placeId, placeId))
    .orderBy(desc(systemPrompts.id))
    .limit(1);
}

function toChange(row: typeof systemPrompts.$inferSelect): SystemPromptChange {
  return {
    placeId: toChannelId(row.placeId),
    prompt: row.prompt ?? undefined,
    changedBy: { id: toUserId(row.changedBy), name: row.changedByName },
    changedAt: row.changedAt,
  };
}
