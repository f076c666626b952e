import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { UserId } from "../chat/ids.ts";
import { listOf } from "./common-table.ts";
import type { CommonTable } from "./common-table.ts";

/** @param replies yields the id of the variant that answers them, if there is one */
export function writeAskers(replies: SQL, userIds: readonly UserId[] = []): readonly CommonTable[] {
  if (userIds.length === 0) return [];
  const rows = listOf(userIds.map((userId) => sql`(${userId}::text)`));
  const asked = sql`
    insert into joint_askers (variant_id, user_id)
    select reply.id, joint.user_id from (${replies}) as reply, (values ${rows}) as joint (user_id)
    on conflict do nothing`;
  return [["asked", asked]];
}
