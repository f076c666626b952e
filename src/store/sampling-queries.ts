import { eq } from "drizzle-orm";
import type { ChannelId } from "../chat/ids.ts";
import { parseSampling } from "../chat/sampling.ts";
import type { SamplingOverrides } from "../chat/sampling.ts";
import type { Queries } from "./database.ts";
import { toStorable } from "./rows.ts";
import { samplings } from "./schema.ts";

export async function readSampling(
  queries: Queries,
  placeId: ChannelId,
): Promise<SamplingOverrides> {
  const [row] = await queries.select().from(samplings).where(eq(samplings.placeId, placeId));
  return parseSampling(row?.overrides);
}

export async function writeSampling(
  queries: Queries,
  placeId: ChannelId,
  { stop, ...numbers }: SamplingOverrides,
): Promise<void> {
  const overrides = stop === undefined ? numbers : { ...numbers, stop: stop.map(toStorableJson) };
  await queries
    .insert(samplings)
    .values({ placeId, overrides })
    .onConflictDoUpdate({ target: samplings.placeId, set: { overrides } });
}

/** PostgreSQL's JSON has no half of a surrogate pair either, which its text just replaces. */
function toStorableJson(text: string): string {
  return Buffer.from(toStorable(text)).toString();
}
