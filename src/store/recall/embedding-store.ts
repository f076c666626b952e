import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { RowId } from "../../chat/conversation.ts";
import type {
  EmbeddedTurn,
  EmbeddingStore,
  NearestQuery,
  NearestTurns,
} from "../../chat/memory/embedding-store.ts";
import type { Database, Queries } from "../database.ts";
import { conversations } from "../schema.ts";
import { toStorableJson } from "../storable-json.ts";
import { EmbeddingPages } from "./embedding-pages.ts";
import type { EmbeddingTable } from "./embedding-table.ts";
import { findNearest } from "./nearest-in-pages.ts";
import { packEmbedding } from "./pack-embedding.ts";
import { findNearestByPgvector } from "./nearest-by-pgvector.ts";
import { findPending } from "./pending-turns.ts";

/** A conversation in which nobody has said anything for longer waits until somebody does. */
const ALIVE_FOR = sql`interval '7 days'`;

export function createEmbeddingStore(database: Database, table: EmbeddingTable): EmbeddingStore {
  const pages = new EmbeddingPages(table);
  const findSimilar = async (queries: Queries, query: NearestQuery): Promise<NearestTurns> =>
    table.name === "turn_halfvecs"
      ? await findNearestByPgvector(queries, table, query)
      : findNearest(await pages.read(queries, query), query);
  return {
    pending: (conversationId, range) =>
      database.run("find turns to embed", (queries) =>
        findPending(queries, { ...range, conversationId, table }),
      ),
    keep: (conversationId, embedded) =>
      database.run("keep embeddings", (queries) =>
        keep(queries, table, { conversationId, embedded }),
      ),
    nearest: (query) =>
      database.run("look for similar turns", (queries) => findSimilar(queries, query)),
    release: (conversationId) => pages.release(conversationId),
    due: (limit) => database.run("find what is to be embedded", (queries) => due(queries, limit)),
  };
}

interface Embedded {
  readonly conversationId: RowId;
  readonly embedded: readonly EmbeddedTurn[];
}

async function keep(
  queries: Queries,
  { key, name }: EmbeddingTable,
  { conversationId, embedded }: Embedded,
): Promise<void> {
  const isPacked = name === "turn_embeddings";
  const write = isPacked ? toBase64 : toList;
  const rows = embedded.map(({ embedding, position, revision }) => ({
    position,
    revision,
    embedding: write(embedding),
  }));
  const read = isPacked
    ? sql`decode(unchanged.embedding, 'base64')`
    : sql`unchanged.embedding::halfvec`;
  await queries.execute(sql`
    insert into ${sql.identifier(name)} (conversation_id, position, model, embedding)
    select ${conversationId}::bigint, unchanged.position, ${key}::text, ${read}
    from unchanged_turns(${conversationId}::bigint, ${toStorableJson(rows)}) unchanged
    on conflict (conversation_id, position)
      do update set model = excluded.model, embedding = excluded.embedding${renewStamp(isPacked)}`);
}

function renewStamp(hasStamp: boolean): SQL {
  return hasStamp ? sql`, stamp = default` : sql``;
}

function toBase64(embedding: Float32Array): string {
  return Buffer.from(packEmbedding(embedding)).toString("base64");
}

function toList(embedding: Float32Array): string {
  return `[${embedding.join(",")}]`;
}

async function due(queries: Queries, limit: number): Promise<readonly RowId[]> {
  const alive = queries.$with("alive", { id: conversations.id }).as(sql`
    select id from conversations
    where closed_at is null and last_active_at > now() - ${ALIVE_FOR}
      and exists (select from recall_turns where recall_turns.conversation_id = conversations.id)
    order by last_active_at desc, id desc limit ${limit}::integer`);
  const rows = await queries.with(alive).select().from(alive);
  return rows.map(({ id }) => id);
}
