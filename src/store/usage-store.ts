import { sql } from "drizzle-orm";
import type { GuildId, UserId } from "../chat/ids.ts";
import type { CountedReply, UsageStore } from "../chat/settings/quota.ts";
import type { Database, Queries } from "./database.ts";
import { usages } from "./schema.ts";

export function createUsageStore(database: Database): UsageStore {
  return {
    read: (guildId, userId) =>
      database.run("read a person's usage", (queries) => read(queries, guildId, userId)),
    async add(charge) {
      await database.run("count a reply", (queries) => queries.insert(usages).values(charge));
    },
  };
}

/** Ages by the database's own clock, as the times that it stores are. */
async function read(queries: Queries, guildId: GuildId, userId: UserId): Promise<CountedReply[]> {
  const ageMs = sql<number>`extract(epoch from now() - ${usages.endedAt})::double precision * 1000`;
  return await queries
    .select({ ageMs: ageMs.mapWith(Number), tokens: usages.tokens })
    .from(usages)
    .where(
      sql`${usages.guildId} = ${guildId} and ${usages.userId} = ${userId}
        and ${usages.endedAt} > now() - interval '1 day'`,
    )
    .orderBy(usages.endedAt);
}
