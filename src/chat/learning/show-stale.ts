import type { LearningStore, StaleMessage } from "./learning-store.ts";
import type { ProposalSurface } from "./proposal-surface.ts";

/** Messages at a time; what is left is shown the next time. */
const MOST_STALE = 50;

export interface ShowDependencies {
  readonly learning: Pick<LearningStore, "dropMessages" | "noteShown" | "stale">;
  readonly proposals: ProposalSurface;
}

/** Messages say what has become of their proposals; one that has nothing left to say goes. */
export async function showStale({ learning, proposals }: ShowDependencies): Promise<void> {
  for (const stale of await learning.stale(MOST_STALE)) {
    const isGone = stale.proposals.every(({ state }) => state === "withdrawn");
    if (isGone) await remove({ learning, proposals }, stale);
    else await show({ learning, proposals }, stale);
  }
}

async function remove(
  { learning, proposals }: ShowDependencies,
  { messageId, place }: StaleMessage,
): Promise<void> {
  const outcome = await proposals.remove(place, messageId);
  if (outcome !== "later") await learning.dropMessages([messageId]);
}

async function show({ learning, proposals }: ShowDependencies, stale: StaleMessage): Promise<void> {
  const { messageId, place } = stale;
  const outcome = await proposals.show(place, messageId, stale);
  if (outcome === "done") await learning.noteShown(stale);
  if (outcome === "gone") await learning.dropMessages([messageId]);
}
