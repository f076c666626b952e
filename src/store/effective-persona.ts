import { sql } from "drizzle-orm";
import type { SQL, SQLWrapper } from "drizzle-orm";
import { fieldOf } from "../chat/field-of.ts";
import { findBuiltIn } from "../chat/persona/built-in.ts";
import { parsePersonaContent } from "../chat/persona/parse-persona.ts";
import type { EffectivePersona } from "../chat/persona/persona.ts";
import { personaVersions } from "./persona-schema.ts";

export interface PlaceColumns {
  readonly placeId: SQLWrapper;
  /** Null where it is no thread. */
  readonly parentId: SQLWrapper;
  readonly guildId: SQLWrapper;
}

/** What `toEffectivePersona` reads, as one JSON value: the place's own, its parent's, its server's. */
export function selectEffectivePersona({ guildId, parentId, placeId }: PlaceColumns): SQL {
  return sql`(
    select jsonb_build_object(
      'source', case when used.scope = 'guild' then 'guild'
        when used.scope_id = ${placeId} then 'place' else 'parent' end,
      'isInherited', used.is_inherited, 'builtIn', used.built_in, 'content', versions.content,
      'number', versions.number, 'isNewest', versions.number = personas.version,
      'id', used.persona_id, 'lorebook', case when personas.card is not null then personas.id end,
      'followsNewest', used.version is null)
    from persona_uses used
    left join personas on personas.id = used.persona_id
    left join persona_versions versions on versions.persona_id = used.persona_id
      and versions.number = coalesce(used.version, personas.version)
    where used.scope = 'place' and used.scope_id in (${placeId}, ${parentId})
      or used.scope = 'guild' and used.scope_id = ${guildId}
    order by used.scope = 'guild', used.scope_id <> ${placeId} limit 1)`.mapWith(
    personaVersions.content,
  );
}

/** Undefined also where a built-in persona is used that this release does not have. */
export function toEffectivePersona(used: unknown): EffectivePersona | undefined {
  const builtIn = fieldOf(used, "builtIn");
  const number = fieldOf(used, "number");
  const lorebook = fieldOf(used, "lorebook");
  const id = fieldOf(used, "id");
  const content =
    typeof builtIn === "string"
      ? findBuiltIn(builtIn)
      : parsePersonaContent(fieldOf(used, "content"));
  const source = toSource(fieldOf(used, "source"));
  if (content === undefined || source === undefined) return undefined;
  return {
    source,
    isInherited: fieldOf(used, "isInherited") === true,
    content,
    id: typeof id === "number" ? id : undefined,
    lorebook: typeof lorebook === "number" ? lorebook : undefined,
    version:
      typeof number === "number"
        ? { number, isNewest: fieldOf(used, "isNewest") === true }
        : undefined,
    followsNewest: fieldOf(used, "followsNewest") === true,
  };
}

function toSource(value: unknown): EffectivePersona["source"] | undefined {
  return value === "place" || value === "parent" || value === "guild" ? value : undefined;
}
