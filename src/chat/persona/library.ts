import type { GuildId } from "../ids.ts";
import type { Place, Speaker } from "../place.ts";
import { InvalidInput } from "../problem.ts";
import type { PersonaStore } from "./persona-store.ts";
import { BUILT_IN_PERSONAS, findBuiltIn } from "./built-in.ts";
import { createPersonaContent, toNameKey } from "./persona.ts";
import type {
  EffectivePersona,
  Persona,
  PersonaContent,
  PersonaReference,
  PersonaScope,
  PersonaVersion,
} from "./persona.ts";

const MAX_PERSONAS = 100;

export type PersonaOrigin = "server" | "owner" | "built-in";

export interface ListedPersona {
  readonly name: string;
  readonly origin: PersonaOrigin;
}

export interface FoundPersona extends ListedPersona {
  readonly reference: PersonaReference;
  /** Of the newest version. */
  readonly content: PersonaContent;
  /** Undefined for a built-in one. */
  readonly version: PersonaVersion | undefined;
}

/** A library: a server's, or with no guild the owner's. */
type LibraryId = GuildId | undefined;

export interface PersonaChange {
  readonly content: Partial<PersonaContent>;
  readonly by: Speaker;
}

export interface NewPersonaUse {
  readonly library: LibraryId;
  readonly name: string;
  /** Stays with the newest version of now. */
  readonly isPinned: boolean;
}

/**
 * Personas by the names that people see in a server: its own before the owner's, those before the
 * built-in ones. Every method rejects with `InvalidInput` where a name
 * is unknown or taken, or something may not be changed from here.
 */
export class PersonaLibrary {
  readonly #personas: PersonaStore;

  constructor(personas: PersonaStore) {
    this.#personas = personas;
  }

  /** All that can be used in a server, each name once. */
  async list(library: LibraryId): Promise<readonly ListedPersona[]> {
    const stored = sortNearestFirst(await this.#personas.list(library));
    const listed = new Map<string, ListedPersona>();
    for (const { guildId, name } of stored) {
      const key = toNameKey(name);
      if (!listed.has(key)) listed.set(key, { name, origin: toOrigin(guildId) });
    }
    const builtIn = BUILT_IN_PERSONAS.filter(({ name }) => !listed.has(toNameKey(name)));
    return [
      ...listed.values(),
      ...builtIn.map(({ name }): ListedPersona => ({ name, origin: "built-in" })),
    ];
  }

  async find(library: LibraryId, name: string): Promise<FoundPersona> {
    const persona = await this.#findStored(library, name);
    if (persona !== undefined) return await this.#read(persona);
    const content = findBuiltIn(name);
    if (content === undefined) throw unknown(name);
    return {
      name: content.name,
      origin: "built-in",
      reference: { kind: "built-in", name: content.name },
      content,
      version: undefined,
    };
  }

  /** As `find`, but only one that may be changed from here. */
  async findOwn(library: LibraryId, name: string): Promise<FoundPersona> {
    return await this.#read(await this.#findOwn(library, name));
  }

  /** Newest first. */
  async history(library: LibraryId, name: string, limit: number) {
    const persona = await this.#findStored(library, name);
    if (persona !== undefined) return await this.#personas.versions(persona.id, limit);
    if (findBuiltIn(name) === undefined) throw unknown(name);
    throw new InvalidInput({ kind: "persona-built-in", name });
  }

  async create(library: LibraryId, { by, content: given }: PersonaChange): Promise<Persona> {
    const content = createPersonaContent(given);
    if (findBuiltIn(content.name) !== undefined) throw taken(content.name);
    const present = await this.#personas.list(library);
    if (present.filter(({ guildId }) => guildId === library).length >= MAX_PERSONAS) {
      throw new InvalidInput({ kind: "too-many-personas", most: MAX_PERSONAS });
    }
    const created = await this.#personas.create(library, content, by);
    if (created === undefined) throw taken(content.name);
    return created;
  }

  /** Undefined where that changes nothing, else the number of the new version. */
  async edit(
    library: LibraryId,
    name: string,
    { by, content: given }: PersonaChange,
  ): Promise<number | undefined> {
    const persona = await this.#findOwn(library, name);
    const { content: before } = await this.#read(persona);
    const content = createPersonaContent({ ...before, ...given });
    if (JSON.stringify(content) === JSON.stringify(before)) return undefined;
    return await this.#change(persona, { content, by });
  }

  /** The newest version of any persona under a new name, in the library given. */
  async clone(
    library: LibraryId,
    name: string,
    copy: { readonly name: string; readonly by: Speaker },
  ): Promise<Persona> {
    const { content } = await this.find(library, name);
    return await this.create(library, { content: { ...content, name: copy.name }, by: copy.by });
  }

  async remove(library: LibraryId, name: string): Promise<Persona> {
    const persona = await this.#findOwn(library, name);
    if (!(await this.#personas.remove(persona.id))) throw unknown(name);
    return persona;
  }

  /** Makes a new version that says what an old one said. Returns its number. */
  async rollBack(
    library: LibraryId,
    name: string,
    back: { readonly number: number; readonly by: Speaker },
  ): Promise<number> {
    const persona = await this.#findOwn(library, name);
    const old = await this.#personas.version(persona.id, back.number);
    if (old === undefined) {
      const { name: known } = persona;
      throw new InvalidInput({ kind: "persona-version-unknown", name: known, number: back.number });
    }
    return await this.#change(persona, { content: old.content, by: back.by });
  }

  async use(
    scope: PersonaScope,
    { isPinned, library, name }: NewPersonaUse,
  ): Promise<FoundPersona> {
    const found = await this.find(library, name);
    const version = isPinned ? found.version?.number : undefined;
    await this.#personas.use(scope, { persona: found.reference, version });
    return found;
  }

  /** What holds above the scope holds there again. */
  async stopUsing(scope: PersonaScope): Promise<void> {
    await this.#personas.use(scope, undefined);
  }

  /** Undefined: nobody has chosen one, and the owner's default holds. */
  async effective(place: Place): Promise<EffectivePersona | undefined> {
    return await this.#personas.effective(place);
  }

  async #change(
    persona: Persona,
    { by, content }: { readonly content: PersonaContent; readonly by: Speaker },
  ): Promise<number> {
    const isRenamed = toNameKey(content.name) !== toNameKey(persona.name);
    if (isRenamed && findBuiltIn(content.name) !== undefined) throw taken(content.name);
    const number = await this.#personas.change(persona.id, content, by);
    if (number !== undefined) return number;
    throw isRenamed ? taken(content.name) : unknown(persona.name);
  }

  async #findStored(library: LibraryId, name: string): Promise<Persona | undefined> {
    const key = toNameKey(name);
    const stored = sortNearestFirst(await this.#personas.list(library));
    return stored.find((persona) => toNameKey(persona.name) === key);
  }

  /** One that may be changed from here. */
  async #findOwn(library: LibraryId, name: string): Promise<Persona> {
    const persona = await this.#findStored(library, name);
    if (persona !== undefined && persona.guildId === library) return persona;
    if (persona === undefined && findBuiltIn(name) === undefined) throw unknown(name);
    const whose = persona === undefined ? "built-in" : "owner";
    throw new InvalidInput({ kind: "persona-foreign", name, whose });
  }

  async #read(persona: Persona): Promise<FoundPersona> {
    const { guildId, id, name } = persona;
    const version = await this.#personas.version(id);
    if (version === undefined) throw unknown(name);
    const reference = { kind: "stored", id } as const;
    return { name, origin: toOrigin(guildId), reference, content: version.content, version };
  }
}

function sortNearestFirst(personas: readonly Persona[]): readonly Persona[] {
  return [
    ...personas.filter(({ guildId }) => guildId !== undefined),
    ...personas.filter(({ guildId }) => guildId === undefined),
  ];
}

function toOrigin(guildId: GuildId | undefined): PersonaOrigin {
  return guildId === undefined ? "owner" : "server";
}

function unknown(name: string): InvalidInput {
  return new InvalidInput({ kind: "persona-unknown", name });
}

function taken(name: string): InvalidInput {
  return new InvalidInput({ kind: "persona-taken", name });
}
