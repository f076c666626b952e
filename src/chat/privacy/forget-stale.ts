import type { EmbeddingPorts } from "../memory/turn-embeddings.ts";
import type { Engine, Log } from "../ports.ts";
import type { PrivacyStore } from "./privacy-store.ts";

export interface StaleDependencies {
  readonly embedding?: EmbeddingPorts | undefined;
  readonly engine: Pick<Engine, "forget">;
  readonly log: Log;
  readonly privacy: Pick<PrivacyStore, "dropStale" | "stale">;
}

/**
 * Has the engine forget what it evaluated of all conversations that lost something for good. What
 * fails is done the next time: at the start, once a day, and when someone is forgotten.
 */
export async function forgetStale(dependencies: StaleDependencies): Promise<void> {
  const { embedding, engine, log, privacy } = dependencies;
  for (const stale of await privacy.stale()) {
    const { conversationId } = stale;
    embedding?.embeddings.release(conversationId);
    try {
      await engine.forget(conversationId);
    } catch (error) {
      log.error({ error, conversationId }, "The engine could not forget a conversation");
      continue;
    }
    await privacy.dropStale(stale);
  }
}
