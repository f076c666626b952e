import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { RowId } from "../../chat/conversation.ts";
import type { NearestQuery } from "../../chat/memory/embedding-store.ts";
import type { Queries } from "../database.ts";
import type { EmbeddingKind } from "./embedding-table.ts";
import type { EmbeddingPage } from "./nearest-in-pages.ts";
import { unpackEmbeddings } from "./pack-embedding.ts";

/** Positions of a page: what is read again when one of its turns changes. */
const PAGE_POSITIONS = 1_024;
/** Pages that a question is compared with, the newest ones: 16,384 turns. */
const MOST_PAGES = 16;
/** Pages that are read for one question; where more are not in memory, the next questions read them. */
const MOST_READ = 4;
/** The greatest integer of the database's. */
const MAX_POSITION = 2 ** 31 - 1;
/** Of all conversations together; one that is being asked may be over it alone. */
const MAX_BYTES = 64 * 2 ** 20;

interface HeldPage extends EmbeddingPage {
  readonly count: number;
  readonly newest: number;
}

interface PageState {
  readonly page: number;
  readonly count: number;
  readonly newest: number;
}

/**
 * Copies of stored embeddings, for comparing a question with them all. Before each use, what is held
 * is compared with what is stored: nothing is used that left the table.
 */
export class EmbeddingPages {
  readonly #kind: EmbeddingKind;
  readonly #maxBytes: number;
  /** The conversation that was asked longest ago is first. */
  readonly #held = new Map<RowId, ReadonlyMap<number, HeldPage>>();

  constructor(kind: EmbeddingKind, maxBytes: number = MAX_BYTES) {
    this.#kind = kind;
    this.#maxBytes = maxBytes;
  }

  /** Bytes of the embeddings that are held. */
  get bytes(): number {
    return [...this.#held.values()].reduce((sum, pages) => sum + countBytes(pages), 0);
  }

  release(conversationId: RowId): void {
    this.#held.delete(conversationId);
  }

  async read(
    queries: Queries,
    { before, conversationId }: Pick<NearestQuery, "before" | "conversationId">,
  ): Promise<readonly EmbeddingPage[]> {
    const states = await this.#readStates(queries, conversationId, before);
    const held = this.#held.get(conversationId);
    const isTrue = ({ count, newest, page }: PageState): boolean => {
      const copy = held?.get(page);
      return copy?.count === count && copy.newest === newest;
    };
    const stale = states.filter((state) => !isTrue(state)).map(({ page }) => page);
    const fresh = await this.#readPages(queries, conversationId, stale.slice(0, MOST_READ));
    const pages = new Map<number, HeldPage>();
    for (const { page } of states) {
      const copy = fresh.get(page) ?? (stale.includes(page) ? undefined : held?.get(page));
      if (copy !== undefined) pages.set(page, copy);
    }
    this.#hold(conversationId, pages);
    return [...pages.values()];
  }

  #hold(conversationId: RowId, pages: ReadonlyMap<number, HeldPage>): void {
    this.#held.delete(conversationId);
    if (pages.size > 0) this.#held.set(conversationId, pages);
    let { bytes } = this;
    for (const [oldest, given] of this.#held) {
      if (bytes <= this.#maxBytes) return;
      this.#held.delete(oldest);
      bytes -= countBytes(given);
    }
  }

  /** Newest first. */
  async #readStates(queries: Queries, conversationId: RowId, before: number) {
    const end = toPageEnd(before);
    const states = queries.$with("states", {
      page: sql<number>`page`.as("page"),
      count: sql<number>`count`.as("count"),
      newest: sql<number>`newest`.mapWith(Number).as("newest"),
    }).as(sql`
      select ${PAGE_OF} as page, count(*)::integer as count, max(stamp) as newest
      from turn_embeddings
      where conversation_id = ${conversationId} and model = ${this.#kind.key}
        and position < ${end}::integer
        and position > ${newestBefore(conversationId, end)} - ${MOST_PAGES * PAGE_POSITIONS}::integer
      group by 1 order by 1 desc limit ${MOST_PAGES}::integer`);
    return await queries.with(states).select().from(states);
  }

  async #readPages(
    queries: Queries,
    conversationId: RowId,
    numbers: readonly number[],
  ): Promise<ReadonlyMap<number, HeldPage>> {
    if (numbers.length === 0) return new Map();
    const bytes = sql<Uint8Array>`embeddings`;
    const read = queries.$with("read", {
      page: sql<number>`page`.as("page"),
      newest: sql<number>`newest`.mapWith(Number).as("newest"),
      positions: sql<string>`positions`.as("positions"),
      stretches: sql<string>`stretches`.as("stretches"),
      embeddings: bytes.as("embeddings"),
    }).as(sql`
      select ${PAGE_OF} as page, max(stamp) as newest,
        string_agg(position::text, ',' order by position) as positions,
        string_agg(stretch::text, ',' order by position) as stretches,
        string_agg(embedding, ''::bytea order by position) as embeddings
      from turn_embeddings join recall_turns using (conversation_id, position)
      where conversation_id = ${conversationId} and model = ${this.#kind.key}
        and position >= ${Math.min(...numbers) * PAGE_POSITIONS}::integer
        and position < ${(Math.max(...numbers) + 1) * PAGE_POSITIONS}::integer
        and ${PAGE_OF} = any (string_to_array(${numbers.join(",")}, ',')::integer[])
      group by 1`);
    const rows = await queries.with(read).select().from(read);
    return new Map(rows.map((row) => [row.page, this.#toPage(row)]));
  }

  #toPage(row: PageRow): HeldPage {
    const positions = toNumbers(row.positions);
    return {
      positions,
      stretches: toNumbers(row.stretches),
      count: positions.length,
      newest: row.newest,
      ...unpackEmbeddings(row.embeddings, this.#kind.dimensions),
    };
  }
}

/** Positions of turns that were adopted may be below 0. */
const PAGE_OF = sql`floor(position / ${sql.raw(`${PAGE_POSITIONS}.0`)})::integer`;

/** Pages are read as a whole, so that counts of them can be compared. */
function toPageEnd(before: number): number {
  return Math.min(Math.ceil(before / PAGE_POSITIONS) * PAGE_POSITIONS, MAX_POSITION);
}

function newestBefore(conversationId: RowId, end: number): SQL {
  return sql`(select max(position) from turn_embeddings
    where conversation_id = ${conversationId} and position < ${end}::integer)`;
}

interface PageRow {
  readonly newest: number;
  readonly positions: string;
  readonly stretches: string;
  readonly embeddings: Uint8Array;
}

function toNumbers(list: string): Int32Array {
  return Int32Array.from(list.split(","), Number);
}

function countBytes(pages: ReadonlyMap<number, EmbeddingPage>): number {
  return [...pages.values()].reduce(
    (sum, { positions, scales, values }) =>
      sum + 2 * positions.byteLength + scales.byteLength + values.byteLength,
    0,
  );
}
