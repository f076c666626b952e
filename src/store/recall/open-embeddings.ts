import type { EmbeddingStore } from "../../chat/memory/embedding-store.ts";
import { FamiliarError } from "../../chat/errors.ts";
import type { Database } from "../database.ts";
import { createEmbeddingStore } from "./embedding-store.ts";
import type { EmbeddingKind } from "./embedding-table.ts";
import { decidePgvector, preparePgvector, readPgvectorState } from "./pgvector.ts";

export interface OpenedEmbeddings {
  readonly embeddings: EmbeddingStore;
  /** How turns are compared, for people: "pgvector 0.8.1", or why without it. */
  readonly description: string;
}

/**
 * With pgvector where the server has it and lets it be used, else with copies in memory.
 *
 * @throws {FamiliarError} `store-unreachable`
 */
export async function openEmbeddings(
  database: Database,
  kind: EmbeddingKind,
): Promise<OpenedEmbeddings> {
  const decision = decidePgvector(await readPgvectorState(database), kind);
  if (decision.kind === "without") return inMemory(database, kind, decision.reason);
  try {
    await preparePgvector(database, kind);
  } catch (error) {
    if (!(error instanceof FamiliarError) || error.code !== "store-failed") throw error;
    const reason = `pgvector ${decision.version} may not be used here, CREATE EXTENSION vector as an administrator lets it`;
    return inMemory(database, kind, reason);
  }
  return {
    embeddings: createEmbeddingStore(database, { ...kind, name: "turn_halfvecs" }),
    description: `compared by pgvector ${decision.version}`,
  };
}

function inMemory(database: Database, kind: EmbeddingKind, reason: string): OpenedEmbeddings {
  return {
    embeddings: createEmbeddingStore(database, { ...kind, name: "turn_embeddings" }),
    description: `compared in memory: ${reason}`,
  };
}
