import type { AdoptionStore } from "../chat/adopt/adoption-store.ts";
import { adoptTurns } from "./adopt-statement.ts";
import { appendTurns } from "./append-statement.ts";
import type { Database } from "./database.ts";

export function createAdoptionStore(database: Database): AdoptionStore {
  return {
    adopt: (conversationId, adopted) =>
      database.run("adopt turns", (queries) => adoptTurns(queries, conversationId, adopted)),
    append: (conversationId, turns) =>
      database.run("append turns", (queries) => appendTurns(queries, conversationId, turns)),
  };
}
