import type { MessageId } from "../ids.ts";
import { takeIn } from "../intake.ts";
import type { IntakeDependencies } from "../intake.ts";
import type { LeftConversation, LeftPlace } from "./left-place.ts";
import type { SaidMessage } from "../place.ts";
import type { PlaceReader } from "../place-ports.ts";
import type { AliveConversation } from "../ports.ts";
import type { ReplySurface } from "../reply-surface.ts";
import type { Quotas } from "../settings/quotas.ts";

/** Discord's limit for one request. */
const PAGE = 100;

/** A busy channel may have far more behind it; what is older than this many pages goes unheard. */
const MAX_PAGES = 10;

export interface MissedDependencies extends IntakeDependencies {
  readonly quotas: Pick<Quotas, "freeAt">;
  readonly surface: ReplySurface;
}

export interface MissedOptions {
  /** The first message that was heard again, where that is known. */
  readonly heard: MessageId | undefined;
  /** Runs a task whose failure is that of one message alone; rejects where none can be taken in. */
  readonly attempt: <Result>(task: () => Promise<Result>) => Promise<Result | undefined>;
}

/** Stores what was said in a place while nobody listened. Where that rejects, the rest is left. */
export async function takeInMissed(
  dependencies: MissedDependencies,
  left: LeftPlace,
  { attempt, heard }: MissedOptions,
): Promise<void> {
  const { unread } = left;
  if (unread === undefined) return;
  // What is noted meanwhile is of another silence.
  left.unread = undefined;
  let { readUpTo } = unread;
  try {
    for await (const message of readMissed(dependencies.places, unread, heard)) {
      const taken = await attempt(() => takeIn(dependencies, message));
      if (taken !== undefined) left.keep(taken);
      readUpTo = message.id;
    }
  } catch (error) {
    left.unread = { ...unread, readUpTo };
    throw error;
  }
  await noteRead(dependencies, left, unread);
}

/** All that was missed in a place has been read, or is not to be read any more. */
export async function noteRead(
  { surface }: Pick<MissedDependencies, "surface">,
  left: LeftPlace,
  alive: AliveConversation,
): Promise<void> {
  if (alive.isAnswerDue) left.open = alive;
  if (left.due().length > 0) await surface.clearWaiting(left.place, alive.lastMessageId);
}

/** Up to `heard`, oldest first. */
async function* readMissed(
  places: Pick<PlaceReader, "messagesAfter">,
  { lastMessageId, place, readUpTo }: LeftConversation,
  heard: MessageId | undefined,
): AsyncGenerator<SaidMessage, void> {
  let after = readUpTo ?? lastMessageId;
  for (let page = 0; after !== undefined && page < MAX_PAGES; page += 1) {
    const missed: readonly SaidMessage[] = await places.messagesAfter(place, after, PAGE);
    for (const message of missed) {
      if (heard !== undefined && BigInt(message.id) >= BigInt(heard)) return;
      yield message;
    }
    after = missed.length < PAGE ? undefined : missed.at(-1)?.id;
  }
}
