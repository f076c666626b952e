import { and, asc, desc, eq, isNull, or, sql } from "drizzle-orm";
import type { RowId } from "../chat/conversation.ts";
import { toGuildId, toUserId } from "../chat/ids.ts";
import type { GuildId } from "../chat/ids.ts";
import { parsePersonaContent } from "../chat/persona/parse-persona.ts";
import { toNameKey } from "../chat/persona/persona.ts";
import type {
  EffectivePersona,
  Persona,
  PersonaContent,
  PersonaScope,
  PersonaUse,
  PersonaVersion,
} from "../chat/persona/persona.ts";
import type { Place, Speaker } from "../chat/place.ts";
import type { PersonaStore } from "../chat/persona/persona-store.ts";
import type { Database, Queries } from "./database.ts";
import { selectEffectivePersona, toEffectivePersona } from "./effective-persona.ts";
import { toStorable } from "./rows.ts";
import { personas, personaUses, personaVersions } from "./persona-schema.ts";
import { toStorableJson } from "./storable-json.ts";

export function createPersonaStore(database: Database): PersonaStore {
  return {
    list: (guildId) => database.run("list personas", (queries) => list(queries, guildId)),
    create: (guildId, content, by) =>
      database.run("create a persona", (queries) => create(queries, { guildId, content, by })),
    change: (personaId, content, by) =>
      database.run("change a persona", (queries) => change(queries, { personaId, content, by })),
    remove: (personaId) =>
      database.run("remove a persona", async (queries) => {
        const removed = await queries
          .delete(personas)
          .where(eq(personas.id, personaId))
          .returning({ id: personas.id });
        return removed.length > 0;
      }),
    version: (personaId, number) =>
      database.run("read a persona", (queries) => readVersion(queries, personaId, number)),
    versions: (personaId, limit) =>
      database.run("read a persona's versions", (queries) =>
        readVersions(queries, personaId, limit),
      ),
    effective: (place) =>
      database.run("read the persona in use", (queries) => readEffective(queries, place)),
    use: (scope, use) => database.run("use a persona", (queries) => writeUse(queries, scope, use)),
  };
}

async function list(queries: Queries, guildId: GuildId | undefined): Promise<Persona[]> {
  const isShared = isNull(personas.guildId);
  const rows = await queries
    .select({ id: personas.id, guildId: personas.guildId, name: personas.name })
    .from(personas)
    .where(guildId === undefined ? isShared : or(isShared, eq(personas.guildId, guildId)))
    .orderBy(asc(personas.nameKey), asc(personas.id));
  return rows.map(({ guildId: owner, id, name }) => {
    return { id, guildId: owner === null ? undefined : toGuildId(owner), name };
  });
}

interface NewVersion {
  readonly content: PersonaContent;
  readonly by: Speaker;
}

async function create(
  queries: Queries,
  { guildId, ...version }: NewVersion & { readonly guildId: GuildId | undefined },
): Promise<Persona | undefined> {
  const { card, name } = version.content;
  const persona = queries.$with("persona", { id: personas.id, version: personas.version }).as(sql`
    insert into personas (guild_id, name, name_key, card)
    values (${guildId ?? null}::text, ${name}::text, ${toNameKey(name)}::text,
      ${card === undefined ? sql`null` : toStorableJson(card)})
    on conflict do nothing returning id, version`);
  const [row] = await queries
    .with(persona, insertVersion(queries, version))
    .select({ id: persona.id })
    .from(persona);
  return row === undefined ? undefined : { id: row.id, guildId, name };
}

async function change(
  queries: Queries,
  { personaId, ...version }: NewVersion & { readonly personaId: RowId },
): Promise<number | undefined> {
  const { name } = version.content;
  const persona = queries.$with("persona", { id: personas.id, version: personas.version }).as(sql`
    update personas set name = ${name}::text, name_key = ${toNameKey(name)}::text,
      version = version + 1
    where id = ${personaId} and not exists (
      select from personas other where other.id <> personas.id
        and other.name_key = ${toNameKey(name)}::text
        and coalesce(other.guild_id, '') = coalesce(personas.guild_id, ''))
    returning id, version`);
  const [row] = await queries
    .with(persona, insertVersion(queries, version))
    .select({ version: persona.version })
    .from(persona);
  return row?.version;
}

/** A version of the row in `persona`, where there is one. */
function insertVersion(queries: Queries, { by, content }: NewVersion) {
  return queries.$with("made", {}).as(sql`
    insert into persona_versions
      (persona_id, number, content, changed_by, changed_by_name)
    select id, version, ${toStorableJson({ ...content, card: undefined })},
      ${by.id}::text, ${toStorable(by.name)}::text
    from persona`);
}

async function readVersion(
  queries: Queries,
  personaId: RowId,
  number: number | undefined,
): Promise<PersonaVersion | undefined> {
  const isSought =
    number === undefined
      ? eq(personaVersions.number, personas.version)
      : eq(personaVersions.number, number);
  const [row] = await queries
    .select({ version: personaVersions, card: personas.card })
    .from(personas)
    .innerJoin(personaVersions, eq(personaVersions.personaId, personas.id))
    .where(and(eq(personas.id, personaId), isSought));
  if (row === undefined) return undefined;
  const [version] = toVersions([row.version]);
  if (version === undefined || row.card === null) return version;
  return { ...version, content: { ...version.content, card: row.card } };
}

async function readVersions(
  queries: Queries,
  personaId: RowId,
  limit: number,
): Promise<PersonaVersion[]> {
  const rows = await queries
    .select()
    .from(personaVersions)
    .where(eq(personaVersions.personaId, personaId))
    .orderBy(desc(personaVersions.number))
    .limit(limit);
  return toVersions(rows);
}

function toVersions(rows: readonly (typeof personaVersions.$inferSelect)[]): PersonaVersion[] {
  return rows.flatMap(({ changedAt, changedBy, changedByName, number, ...row }) => {
    const content = parsePersonaContent(row.content);
    const by = { id: toUserId(changedBy), name: changedByName };
    return content === undefined ? [] : [{ number, content, changedBy: by, changedAt }];
  });
}

async function readEffective(
  queries: Queries,
  place: Place,
): Promise<EffectivePersona | undefined> {
  const persona = selectEffectivePersona({
    placeId: sql`${place.id}::text`,
    parentId: sql`${place.kind === "thread" ? place.parentId : null}::text`,
    guildId: sql`${place.kind === "direct" ? null : place.guildId}::text`,
  });
  const [row] = await queries.select({ persona }).from(sql`(values (1)) as one`);
  return toEffectivePersona(row?.persona);
}

async function writeUse(
  queries: Queries,
  scope: PersonaScope,
  use: PersonaUse | undefined,
): Promise<void> {
  if (use === undefined) {
    await queries
      .delete(personaUses)
      .where(and(eq(personaUses.scope, scope.kind), eq(personaUses.scopeId, scope.id)));
    return;
  }
  const { persona, version = null } = use;
  const used = {
    personaId: persona.kind === "stored" ? persona.id : null,
    builtIn: persona.kind === "built-in" ? persona.name : null,
    version,
    isInherited: false,
  };
  await queries
    .insert(personaUses)
    .values({ scope: scope.kind, scopeId: scope.id, ...used })
    .onConflictDoUpdate({
      target: [personaUses.scope, personaUses.scopeId],
      set: { ...used, changedAt: sql`now()` },
    });
}
