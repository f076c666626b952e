import type { Conversation, RowId } from "./conversation.ts";
import type { ChannelId } from "./ids.ts";
import type { RunningLearner } from "./learning/learner.ts";
import type { NoteStore } from "./memory/note-store.ts";
import type { Recollection } from "./memory/recollection.ts";
import type { RunningSummaries } from "./memory/summariser.ts";
import type { EmbeddingPorts, RunningEmbeddings } from "./memory/turn-embeddings.ts";
import type { Lore } from "./persona/lore.ts";
import type { ConversationStore, Engine, Log, PromptMessage } from "./ports.ts";
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
 * of the prompt as it is now. People took it back whether this succeeds or not. Resolves with the
 * conversation; undefined where there is none, or it failed.
 */
export async function forgetTakenBack(
  dependencies: ForgetDependencies,
  settings: PromptSettings,
  placeId: ChannelId,
): Promise<RowId | undefined> {
  const { conversations, embeddings, engine, learner, log, summaries } = dependencies;
  void learner?.refresh();
  try {
    const conversation = await conversations.find(placeId);
    if (conversation === undefined) return undefined;
    embeddings?.note(conversation.id, "changed");
    const remaining = await readRemaining(dependencies, conversation, settings);
    await engine.forget(conversation.id, remaining);
    summaries?.note(conversation.id);
    return conversation.id;
  } catch (error) {
    log.error({ error, placeId }, "The engine could not forget what was taken back");
    return undefined;
  }
}

/** Where it cannot be read, nothing remains. */
async function readRemaining(
  dependencies: ForgetDependencies,
  conversation: Conversation,
  settings: PromptSettings,
): Promise<readonly PromptMessage[] | undefined> {
  try {
    return await readPromptMessages(dependencies, conversation, settings);
  } catch (error) {
    const facts = { error, conversationId: conversation.id };
    dependencies.log.warn(facts, "The engine forgets more than was taken back");
    return undefined;
  }
}

/**
 * As `forgetTakenBack`, and once more when the reply has ended that was under way before anything
 * changed: it may have what was taken back evaluated anew. Nobody waits for that.
 */
export async function forgetTakenBackTwice(
  dependencies: ForgetDependencies,
  settings: PromptSettings,
  { placeId, underWay }: { placeId: ChannelId; underWay: Promise<void> | undefined },
): Promise<void> {
  const forget = () => forgetTakenBack(dependencies, settings, placeId);
  const id = await forget();
  const forgetAgain = async (): Promise<void> => {
    const isForgotten = (await forget()) !== undefined;
    if (!isForgotten && id !== undefined) await forgetConversation(dependencies, id);
  };
  void underWay?.then(forgetAgain);
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
