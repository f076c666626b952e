import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { parseSettings } from "../chat/settings/parse-settings.ts";
import { SETTING_NAMES } from "../chat/settings/settings.ts";
import type {
  PartedSetting,
  SettingName,
  SettingsChange,
  SettingsOverrides,
  SettingsScope,
} from "../chat/settings/settings.ts";
import type { SettingsStore } from "../chat/settings/settings-store.ts";
import { listOf } from "./common-table.ts";
import type { Database, Queries } from "./database.ts";
import { settings } from "./schema.ts";
import { toStorableJson } from "./storable-json.ts";

export function createSettingsStore(database: Database): SettingsStore {
  return {
    read: (scopes) => database.run("read settings", (queries) => read(queries, scopes)),
    async change(scope, change) {
      await database.run("change settings", (queries) => write(queries, scope, change));
    },
  };
}

async function read(
  queries: Queries,
  scopes: readonly SettingsScope[],
): Promise<readonly SettingsOverrides[]> {
  const wanted = listOf(scopes.map(({ id, kind }) => sql`(${kind}::text, ${id}::text)`));
  const rows = await queries
    .select()
    .from(settings)
    .where(sql`(${settings.scope}, ${settings.scopeId}) in (${wanted})`);
  return scopes.map(({ id, kind }) => {
    const row = rows.find(({ scope, scopeId }) => scope === kind && scopeId === id);
    return parseSettings(row?.overrides);
  });
}

/** The new value is made of the stored one in the statement itself, so that changes do not collide. */
async function write(
  queries: Queries,
  { id, kind }: SettingsScope,
  change: SettingsChange,
): Promise<void> {
  await queries
    .insert(settings)
    .values({ scope: kind, scopeId: id, overrides: patch(sql`'{}'::jsonb`, change) })
    .onConflictDoUpdate({
      target: [settings.scope, settings.scopeId],
      set: { overrides: patch(sql`${settings.overrides}`, change) },
    });
}

function patch(stored: SQL, change: SettingsChange): SQL {
  const named = SETTING_NAMES.filter((name) => name in change);
  const parted = named.filter(isParted).filter((name) => change[name] !== undefined);
  const whole = named.filter((name) => !isParted(name) || change[name] === undefined);
  const patched = replace(stored, Object.fromEntries(whole.map((name) => [name, change[name]])));
  return parted.reduce((current, name) => {
    const before = sql`coalesce(${stored} -> ${name}::text, '{}'::jsonb)`;
    const value = replace(before, { ...change[name] });
    return sql`(${current} || jsonb_build_object(${name}::text, ${value}))`;
  }, patched);
}

/** A JSON object with other values under some of its names; undefined takes one away. */
function replace(object: SQL, values: Readonly<Record<string, unknown>>): SQL {
  const names = Object.keys(values);
  if (names.length === 0) return object;
  const taken = listOf(names.map((name) => sql`${name}::text`));
  return sql`((${object} - array[${taken}]) || ${toStorableJson(values)})`;
}

function isParted(name: SettingName): name is PartedSetting {
  return name === "access" || name === "channels" || name === "quota" || name === "sampling";
}
