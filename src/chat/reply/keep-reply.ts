import { countTurn } from "../prompt/count-turns.ts";
import type { Conversation, FinishReason, ReplyUsage, RowId } from "../conversation.ts";
import { FamiliarError } from "../errors.ts";
import type { UserId } from "../ids.ts";
import { toCharge } from "../settings/charge.ts";
import type { Clock, Engine, Log, ReplyEnding, ReplyStore } from "../ports.ts";

/** A crash loses at most this much of a reply. */
const DRAFT_EVERY_MS = 250;

/** Waits between attempts to store a finished reply while the database is away. */
const RETRY_WAITS_MS = [500, 1_000, 2_000, 4_000, 8_000];

interface DraftDependencies {
  readonly replies: Pick<ReplyStore, "saveDraft">;
  readonly clock: Clock;
  readonly log: Log;
}

export interface KeepingDependencies {
  readonly engine: Pick<Engine, "countBasis" | "countTokens">;
  readonly replies: ReplyStore;
  readonly clock: Clock;
  readonly log: Log;
}

export interface WrittenReply {
  readonly text: string;
  readonly thoughts: string | undefined;
  readonly reason: FinishReason;
  readonly usage: ReplyUsage | undefined;
}

export interface EndedReply {
  readonly conversation: Conversation;
  readonly replyId: RowId;
  readonly askedBy: UserId | undefined;
  /** Whom it answers besides. Default: nobody. */
  readonly alsoAskedBy?: readonly UserId[];
  /** How long it waited for its turn. */
  readonly waitedMs: number;
  readonly written: WrittenReply;
}

/**
 * Stores the growing text now and then, one write at a time. A draft that cannot be stored is no
 * failure yet: the finished text is what counts.
 */
export function createDraftKeeper({ clock, log, replies }: DraftDependencies, replyId: RowId) {
  let lastAt = Number.NEGATIVE_INFINITY;
  let isSaving = false;
  return async (text: string): Promise<void> => {
    if (isSaving || clock.now() - lastAt < DRAFT_EVERY_MS) return;
    isSaving = true;
    lastAt = clock.now();
    try {
      await replies.saveDraft(replyId, text);
    } catch (error) {
      log.warn({ error, replyId }, "A draft could not be stored");
    } finally {
      isSaving = false;
    }
  };
}

/**
 * Stores how a reply ended; a database that is away for a moment is waited for.
 *
 * @throws {FamiliarError} `store-unreachable` when it stays away, or `store-failed`
 */
export async function storeEnding(
  dependencies: KeepingDependencies,
  { alsoAskedBy = [], askedBy, conversation, replyId, waitedMs, written }: EndedReply,
): Promise<void> {
  const { log, replies } = dependencies;
  const turn = { role: "assistant", speaker: undefined, text: written.text } as const;
  const isEmpty = written.text === "";
  const count = isEmpty ? undefined : await countTurn(dependencies.engine, conversation, turn);
  const { place } = conversation;
  const charge = toCharge({ askedBy, place, written, textTokens: count?.tokens ?? 0 });
  const others = alsoAskedBy.length === 0 ? {} : { alsoAskedBy };
  const ending: ReplyEnding = { ...written, count, charge, ...others };
  await untilReachable(dependencies.clock, () => replies.end(replyId, ending));
  const { reason, usage } = written;
  const facts = { reason, waitedMs: Math.round(waitedMs), ...toFacts(usage) };
  log.info({ conversationId: conversation.id, ...facts }, "Replied");
}

async function untilReachable(clock: Clock, store: () => Promise<void>): Promise<void> {
  for (const waitMs of RETRY_WAITS_MS) {
    try {
      await store();
      return;
    } catch (error) {
      if (!(error instanceof FamiliarError) || error.code !== "store-unreachable") throw error;
      await clock.wait(waitMs);
    }
  }
  await store();
}

function toFacts(usage: ReplyUsage | undefined): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(usage ?? {}).map(([name, value]: [string, number]) => [name, Math.round(value)]),
  );
}
