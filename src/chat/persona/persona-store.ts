import type { RowId } from "../conversation.ts";
import type { GuildId } from "../ids.ts";
import type { Place, Speaker } from "../place.ts";
import type {
  EffectivePersona,
  Persona,
  PersonaContent,
  PersonaScope,
  PersonaUse,
  PersonaVersion,
} from "./persona.ts";

/** Libraries of personas, and which one is used where. */
export interface PersonaStore {
  /** A server's library and the owner's, by name; the owner's alone where there is no server. */
  list(guildId: GuildId | undefined): Promise<readonly Persona[]>;
  /** Undefined where the library has the name already. */
  create(
    guildId: GuildId | undefined,
    content: PersonaContent,
    by: Speaker,
  ): Promise<Persona | undefined>;
  /**
   * Makes the next version, with the card as it was, and returns its number. Undefined where the persona is gone, or its
   * library has the new name already.
   */
  change(personaId: RowId, content: PersonaContent, by: Speaker): Promise<number | undefined>;
  /** With all its versions; whoever uses it falls back to what holds above. False where it is gone. */
  remove(personaId: RowId): Promise<boolean>;
  /** The version with this number, else the newest; with its card. */
  version(personaId: RowId, number?: number): Promise<PersonaVersion | undefined>;
  /** At most `limit` of the newest, newest first, without their cards. */
  versions(personaId: RowId, limit: number): Promise<readonly PersonaVersion[]>;
  /** Thread over channel over server. */
  effective(place: Place): Promise<EffectivePersona | undefined>;
  /** Undefined takes the scope's own away. */
  use(scope: PersonaScope, use: PersonaUse | undefined): Promise<void>;
}
