import type { RowId } from "./conversation.ts";
import type { ChannelId } from "./ids.ts";
import type { RunningLearner } from "./learning/learner.ts";
import type { NoteStore } from "./memory/note-store.ts";
import type { Recollection } from "./memory/recollection.ts";
import type { RunningSummaries } from "./memory/summariser.ts";
import type { EmbeddingPorts, RunningEmbeddings } from "./memory/turn-embeddings.ts";
import type { Lore } from "./persona/lore.ts";
import type { ConversationStore, Engine, Log } from "./ports.ts";
import { readPromptMessages } from "./prompt/compose-prompt.ts";
import type { PromptSettings } from "./prompt/compose-prompt.ts";
import type { TimeSources } from "./time/place-time.ts";

export interface ForgetDependencies extends TimeSources {
  readonly engine: Engine;
  readonly conversations: ConversationStore;
  readonly lore: Lore;
  readonly notes: Pick<NoteStore, "read">;
  readonly recollection?: Recollection | undefined;
  readonly embedding?: EmbeddingPorts | undefined;
  readonly embeddings?: RunningEmbeddings | undefined;
  readonly summaries?: RunningSummaries | undefined;
  readonly learner?: Pick<RunningLearner, "refresh"> | undefined;
  readonly log: Log;
}

/**
 * Someone changed or took back what they had said: the engine keeps nothing but what it evaluated
 * of the prompt as it is now. People took it back whether this succeeds or not.
 */
export async function forgetTakenBack(
  dependencies: ForgetDependencies,
  settings: PromptSettings,
  placeId: ChannelId,
): Promise<void> {
  const { conversations, embeddings, engine, learner, log, summaries } = dependencies;
  void learner?.refresh();
  try {
    const conversation = await conversations.find(placeId);
    if (conversation === undefined) return;
    embeddings?.note(conversation.id, "changed");
    const remaining = await readPromptMessages(dependencies, conversation, settings);
    await engine.forget(conversation.id, remaining);
    summaries?.note(conversation.id);
  } catch (error) {
    log.error({ error, placeId }, "The engine could not forget what was taken back");
  }
}

/** Nothing of a conversation is kept in memory. */
export async function forgetConversation(
  { embedding, engine, log }: Pick<ForgetDependencies, "embedding" | "engine" | "log">,
  conversationId: RowId,
): Promise<void> {
  embedding?.embeddings.release(conversationId);
  try {
    await engine.forget(conversationId);
  } catch (error) {
    log.error({ error, conversationId }, "The engine could not forget a conversation");
  }
}
