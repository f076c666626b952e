import { sql } from "drizzle-orm";
import type { GuildId } from "../chat/ids.ts";
import type { CountedReply, UsageStore } from "../chat/settings/quota.ts";
import type { Database, Queries } from "./database.ts";
import { listOf } from "./common-table.ts";
import type { Alias } from "./privacy-forget.ts";
import { usages } from "./schema.ts";

/** A person who was forgotten lately is still kept to their quota, under their alias. */
export function createUsageStore(database: Database, alias: Alias): UsageStore {
  return {
    read: (guildId, userId) =>
      database.run("read a person's usage", (queries) =>
        read(queries, guildId, [userId, alias(userId)]),
      ),
    async add(charge) {
      await database.run("count a reply", (queries) => queries.insert(usages).values(charge));
    },
  };
}

/** Ages by the database's own clock, as the times that it stores are. */
async function read(
  queries: Queries,
  guildId: GuildId,
  names: readonly string[],
): Promise<CountedReply[]> {
  const ageMs = sql<number>`extract(epoch from now() - ${usages.endedAt})::double precision * 1000`;
  return await queries
    .select({ ageMs: ageMs.mapWith(Number), tokens: usages.tokens })
    .from(usages)
    .where(
      sql`${usages.guildId} = ${guildId} and ${usages.userId} in (${listOf(names.map((name) => sql`${name}`))})
        and ${usages.endedAt} > now() - interval '1 day'`,
    )
    .orderBy(usages.endedAt);
}
