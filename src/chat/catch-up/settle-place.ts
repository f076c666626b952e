import { FamiliarError } from "../errors.ts";
import type { ChannelId, MessageId } from "../ids.ts";
import type { LeftPlace } from "./left-place.ts";
import { noteRead, takeInMissed } from "./missed.ts";
import type { MissedDependencies } from "./missed.ts";
import type { Place } from "../place.ts";
import type { Clock, Log } from "../ports.ts";
import { markInterrupted } from "./recovery.ts";
import type { RecoveryDependencies } from "./recovery.ts";
import type { ReadTurn } from "../reply/read-turns.ts";

/** So often is a place read back while someone waits who speaks there, and so long between. */
const MAX_READS = 3;
const READ_PAUSE_MS = 2_000;

export type SettleDependencies = MissedDependencies &
  RecoveryDependencies & { readonly clock: Pick<Clock, "wait"> };

export interface SettleOptions {
  /** The first message that was heard again, where that is known: its author waits. */
  readonly heard: MessageId | undefined;
  /** Whether a turn from before the silence is answered by now, or about to be. */
  readonly isSeen: (placeId: ChannelId, turn: ReadTurn) => boolean;
  readonly closing: AbortSignal;
}

/**
 * Takes in what was missed in a place. Rejects while the database is away, and where Discord does not
 * let the place be read and nobody waits; what was not done is left then, and what was done is kept.
 */
export async function settlePlace(
  dependencies: SettleDependencies,
  left: LeftPlace,
  options: SettleOptions,
): Promise<void> {
  await markCutOff(dependencies, left);
  await takeInBefore(dependencies, left, options);
  await takeBackForgotten(dependencies, left);
  const isOpen = !left.hasTakenHere && (await isStillOpen(dependencies, left, options));
  if (!isOpen) left.open = undefined;
}

export function isStoreAway(error: unknown): boolean {
  return error instanceof FamiliarError && error.code === "store-unreachable";
}

export function noteFailure({ log }: { readonly log: Log }, place: Place, error: unknown): void {
  log.error({ error, placeId: place.id }, "What was missed could not be taken in");
}

async function markCutOff(dependencies: SettleDependencies, left: LeftPlace): Promise<void> {
  const { place, unfinished } = left;
  for (let [reply] = unfinished; reply !== undefined; [reply] = unfinished) {
    const cutOff = reply;
    await attempt(dependencies, place, () => markInterrupted(dependencies, cutOff));
    unfinished.shift();
  }
}

/** Whoever speaks is not held up for ever by what cannot be read. */
async function takeInBefore(
  dependencies: SettleDependencies,
  left: LeftPlace,
  { closing, heard }: SettleOptions,
): Promise<void> {
  const attemptOne = <Result>(task: () => Promise<Result>) =>
    attempt(dependencies, left.place, task);
  for (let reads = 1; ; reads += 1) {
    try {
      await takeInMissed(dependencies, left, { attempt: attemptOne, heard });
      return;
    } catch (error) {
      if (heard === undefined || isStoreAway(error)) throw error;
      if (reads === MAX_READS) {
        await giveUp(dependencies, left, error);
        return;
      }
      await dependencies.clock.wait(READ_PAUSE_MS, closing);
    }
  }
}

async function giveUp(
  dependencies: SettleDependencies,
  left: LeftPlace,
  error: unknown,
): Promise<void> {
  const { place, unread } = left;
  dependencies.log.error({ error, placeId: place.id }, "What was missed could not be read");
  left.unread = undefined;
  if (unread !== undefined) await noteRead(dependencies, left, unread);
}

/** Since it was taken in, its author may have had themselves forgotten. */
async function takeBackForgotten({ withheld }: SettleDependencies, left: LeftPlace): Promise<void> {
  for (const { asking, conversation } of left.taken) {
    const said = { authorId: asking.author.id, messageId: asking.id };
    if (await withheld.isForgotten(conversation.place, said)) left.takeBack([asking.id]);
  }
}

/** Whether what was due since before the silence is not answered by now, and may be. */
async function isStillOpen(
  dependencies: SettleDependencies,
  { open, place }: LeftPlace,
  { isSeen }: SettleOptions,
): Promise<boolean> {
  if (open === undefined) return false;
  const { conversations, quotas } = dependencies;
  const { dueTo, duePosition: position = Infinity } = open;
  const isOpen = await attempt(dependencies, place, async () => {
    if (dueTo !== undefined && (await quotas.freeAt(place, dueTo)) !== undefined) return false;
    const conversation = await conversations.find(place.id);
    if (conversation === undefined) return false;
    return !isSeen(place.id, { conversationId: conversation.id, position });
  });
  return isOpen ?? false;
}

/** Undefined where it fails, and would each time. Rejects while the database is away. */
async function attempt<Result>(
  dependencies: SettleDependencies,
  place: Place,
  task: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await task();
  } catch (error) {
    if (isStoreAway(error)) throw error;
    noteFailure(dependencies, place, error);
    return undefined;
  }
}
