import type { ChannelId } from "./ids.ts";
import type { Place } from "./place.ts";
import type { ConversationStore } from "./ports.ts";
import { takeInMissed } from "./recovery.ts";
import type { MissedDependencies } from "./recovery.ts";
import type { AskingMessage } from "./reply/asking-message.ts";

/** Most conversations looked into after a downtime. */
const MAX_CAUGHT_UP = 200;

export interface CatchUpParts {
  readonly dependencies: MissedDependencies & {
    readonly conversations: Pick<ConversationStore, "alive">;
  };
  /** So many wait already that people who speak now might have to. */
  readonly isCrowded: () => boolean;
  /** Whoever speaks while this goes on has what is due in the place answered, too. */
  readonly isSeen: (placeId: ChannelId, position: number | undefined) => boolean;
  /** Runs a task when it is the place's turn. */
  readonly inPlace: (place: Place, task: () => Promise<void>) => Promise<void>;
  readonly ask: (
    place: Place,
    messages: readonly AskingMessage[],
  ) => Promise<{ readonly answered: Promise<void> }>;
}

/** Takes in what was said while nobody listened, place by place, and has it answered. */
export async function catchUp({
  ask,
  dependencies,
  inPlace,
  isCrowded,
  isSeen,
}: CatchUpParts): Promise<void> {
  const underWay = new Set<Promise<void>>();
  for (const alive of await dependencies.conversations.alive(MAX_CAUGHT_UP)) {
    while (underWay.size > 0 && isCrowded()) await Promise.race(underWay);
    await inPlace(alive.place, async () => {
      for (const { messages, place } of await takeInMissed(dependencies, alive)) {
        if (messages.length === 0 && isSeen(place.id, alive.duePosition)) continue;
        const { answered } = await ask(place, messages);
        underWay.add(answered);
        void answered.finally(() => underWay.delete(answered));
      }
    });
  }
}
