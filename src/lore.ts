import { sourceOf } from "./card-files.ts";
import { expandMacros } from "./cards/expand-macros.ts";
import { toCard } from "./cards/format/to-card.ts";
import { createPicks } from "./cards/macros/picks.ts";
import { prepareLorebook, selectEntries } from "./cards/select-entries.ts";
import type { PreparedLorebook } from "./cards/select-entries.ts";
import type { Card, Lorebook } from "./cards/card.ts";
import type { RowId } from "./chat/conversation.ts";
import type { MeantWords } from "./chat/persona/expand-names.ts";
import type { Lore } from "./chat/persona/lore.ts";
import type { PersonaStore } from "./chat/persona/persona-store.ts";
import type { Engine } from "./chat/ports.ts";

/** Lorebooks that are kept at hand: a card may hold some MiB of one. */
const MAX_BOOKS = 16;
/** Of one lorebook: with the names of the people who talk with its persona just now, and the hour. */
const MAX_NAMED = 4;

export interface LoreDependencies {
  readonly personas: Pick<PersonaStore, "version">;
  readonly engine: Pick<Engine, "countTokens">;
}

/** Joins the lorebooks of cards to personas. A card never changes, so a lorebook is read once. */
export function createLore({ engine, personas }: LoreDependencies): Lore {
  const books = new Latest<RowId, Promise<Book | undefined>>(MAX_BOOKS);
  const load = async (personaId: RowId): Promise<Book | undefined> => {
    const version = await personas.version(personaId);
    const source = sourceOf(version?.content.card);
    if (source === undefined) return undefined;
    return openBook(toCard(source, { fileName: undefined, avatar: undefined }), engine);
  };
  return {
    async select({ maxTokens, messages, names, personaId, turn }) {
      const loading = books.take(personaId, () => load(personaId));
      // What failed once may not fail the next time.
      loading.catch(() => books.drop(personaId));
      const book = await loading;
      if (book === undefined) return undefined;
      const named = book.named(names);
      const random = createPicks(`${turn} ${messages.at(-1) ?? ""}`);
      const countTokens = (text: string): Promise<number> => named.countTokens(text);
      return await selectEntries(named.prepared, messages, { countTokens, maxTokens, random });
    },
  };
}

/** A lorebook with names and the time put in; each of its texts is counted once. */
interface NamedBook {
  readonly prepared: PreparedLorebook;
  countTokens(text: string): Promise<number>;
}

interface Book {
  named(words: MeantWords): NamedBook;
}

/** Undefined for a card without a lorebook, or with one that says nothing. */
function openBook(
  { lorebook, nickname }: Card,
  engine: LoreDependencies["engine"],
): Book | undefined {
  if (lorebook === undefined || lorebook.entries.length === 0) return undefined;
  const versions = new Latest<string, NamedBook>(MAX_NAMED);
  return {
    named(words) {
      const named = { ...words, char: nickname ?? words.char };
      return versions.take(JSON.stringify(named), () => nameBook(lorebook, named, engine));
    },
  };
}

function nameBook(
  lorebook: Lorebook,
  words: MeantWords,
  engine: LoreDependencies["engine"],
): NamedBook {
  // Chances within a text fall the same way whenever it is read: prompts stay as they were.
  const expand = (text: string): string =>
    expandMacros(text, { ...words, random: createPicks(text) });
  const counts = new Map<string, Promise<number>>();
  return {
    prepared: prepareLorebook(lorebook, expand),
    countTokens(text) {
      const known = counts.get(text);
      if (known !== undefined) return known;
      const counted = engine.countTokens({ role: "system", text });
      counts.set(text, counted);
      counted.catch(() => counts.delete(text));
      return counted;
    },
  };
}

/** Keeps what was asked for last, and makes again what it let go of. */
class Latest<Key, Value> {
  readonly #values = new Map<Key, Value>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  take(key: Key, make: () => Value): Value {
    const taken = this.#values.get(key) ?? make();
    this.#values.delete(key);
    this.#values.set(key, taken);
    const [oldest] = this.#values.keys();
    if (this.#values.size > this.#most && oldest !== undefined) this.#values.delete(oldest);
    return taken;
  }

  drop(key: Key): void {
    this.#values.delete(key);
  }
}
