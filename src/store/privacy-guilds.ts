import { and, eq, lt, sql } from "drizzle-orm";
import { toGuildId } from "../chat/ids.ts";
import type { GuildId } from "../chat/ids.ts";
import type { KnownGuild, Step } from "../chat/privacy/privacy-store.ts";
import { parseSettings } from "../chat/settings/parse-settings.ts";
import type { CommonTable } from "./common-table.ts";
import type { Queries } from "./database.ts";
import { runSteps, STEP_ROWS, takeStep } from "./privacy-step.ts";
import { leftGuilds } from "./privacy-schema.ts";
import { settings } from "./schema.ts";
import { toStorableJson } from "./storable-json.ts";

export async function readRetentions(queries: Queries) {
  const rows = await queries
    .select()
    .from(settings)
    .where(
      and(eq(settings.scope, "guild"), sql`${settings.overrides} ->> 'retentionDays' is not null`),
    );
  return rows.flatMap(({ overrides, scopeId }) => {
    const { retentionDays: days } = parseSettings(overrides);
    return days === undefined ? [] : [{ guildId: toGuildId(scopeId), days }];
  });
}

/** The oldest of each conversation stand together in an index. */
export async function expire(queries: Queries, guildId: GuildId, before: Date): Promise<Step> {
  const old = sql`
    select turns.id from conversations join turns on turns.conversation_id = conversations.id
    where conversations.guild_id = ${guildId}
      and turns.said_at < ${before.toISOString()}::timestamptz
    limit ${STEP_ROWS}`;
  return await takeStep(queries, { chosen: [["old", old]], changes: [deleteTurns("old")] });
}

export async function noteGuilds(
  queries: Queries,
  guilds: readonly KnownGuild[],
  at: Date,
): Promise<void> {
  const known = sql`
    select guild_id from conversations where guild_id is not null
    union select guild_id from personas where guild_id is not null
    union select guild_id from notes where guild_id is not null
    union select guild_id from discarded_facts where guild_id is not null
    union select guild_id from guild_places
    union select guild_id from usages
    union select scope_id from settings where scope = 'guild'
    union select scope_id from persona_uses where scope = 'guild'`;
  const returned = sql`delete from left_guilds where guild_id in (select id from given)`;
  const left = sql`
    insert into left_guilds (guild_id, left_at)
    select guild_id, ${at.toISOString()}::timestamptz from known
    where guild_id not in (select id from given) on conflict do nothing`;
  await runSteps(queries, [
    ...placeIn(guilds),
    ["known", known],
    ["returned", returned],
    ["left", left],
  ]);
}

export async function noteLeaving(queries: Queries, guild: KnownGuild, at: Date): Promise<void> {
  const left = sql`
    insert into left_guilds (guild_id, left_at)
    values (${guild.id}, ${at.toISOString()}::timestamptz) on conflict do nothing`;
  await runSteps(queries, [...placeIn([guild]), ["left", left]]);
}

/** Channels without a conversation that something is set for: nothing else says whose they are. */
function placeIn(guilds: readonly KnownGuild[]): CommonTable[] {
  const rows = guilds.map(({ id, placeIds }) => ({ id, places: placeIds }));
  const given = sql`
    select * from jsonb_to_recordset(${toStorableJson(rows)}) as row (id text, places jsonb)`;
  const placed = sql`
    insert into guild_places (place_id, guild_id)
    select place_id, given.id from given cross join jsonb_array_elements_text(places) as place_id
    where place_id in (
      select place_id from system_prompts
      union select scope_id from settings where scope = 'place'
      union select scope_id from persona_uses where scope = 'place')
    on conflict do nothing`;
  return [
    ["given", given],
    ["placed", placed],
  ];
}

export async function readGuildsLeftBefore(queries: Queries, time: Date) {
  const rows = await queries.select().from(leftGuilds).where(lt(leftGuilds.leftAt, time));
  return rows.map(({ guildId }) => toGuildId(guildId));
}

/** What was said goes step by step, then all the rest at once. */
export async function forgetGuild(queries: Queries, guildId: GuildId): Promise<Step> {
  const left = sql`
    select turns.id from conversations join turns on turns.conversation_id = conversations.id
    where conversations.guild_id = ${guildId} limit ${STEP_ROWS}`;
  const step = await takeStep(queries, {
    chosen: [["left", left]],
    changes: [deleteTurns("left")],
  });
  if (step.isDone) await forgetGuildItself(queries, guildId);
  return step;
}

function deleteTurns(chosen: string): CommonTable {
  const deleted = sql`
    delete from turns where id in (select id from ${sql.identifier(chosen)})
    returning conversation_id`;
  return ["deleted", deleted];
}

async function forgetGuildItself(queries: Queries, guildId: GuildId): Promise<void> {
  const places = sql`
    select place_id from conversations where guild_id = ${guildId}
    union select parent_id from conversations where guild_id = ${guildId} and parent_id is not null
    union select place_id from guild_places where guild_id = ${guildId}`;
  const isSetHere = sql`case scope when 'guild' then scope_id = ${guildId}
    else scope_id in (select place_id from places) end`;
  const tables = [
    "conversations",
    "personas",
    "notes",
    "discarded_facts",
    "usages",
    "forgotten_replies",
    "guild_places",
    "left_guilds",
  ];
  await runSteps(queries, [
    ["places", places],
    ["prompts", sql`delete from system_prompts where place_id in (select place_id from places)`],
    ["settled", sql`delete from settings where ${isSetHere}`],
    ["used", sql`delete from persona_uses where ${isSetHere}`],
    ["withheld", sql`delete from forgettings where scope = ${guildId}`],
    ...tables.map((name): CommonTable => [
      `gone_${name}`,
      sql`delete from ${sql.identifier(name)} where guild_id = ${guildId}`,
    ]),
  ]);
}
