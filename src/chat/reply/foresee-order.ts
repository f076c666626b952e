import type { UserId } from "../ids.ts";

/** Whom a reply is for; a symbol for nobody in particular. */
export type Owner = UserId | symbol;

export interface Standing {
  /** Whose replies run, oldest first. */
  readonly running: readonly Owner[];
  /** Since when each owner has gone unserved; a greater number is later. All that wait have one. */
  readonly turns: ReadonlyMap<Owner, number>;
  readonly places: number;
}

interface Waiter {
  readonly owner: Owner;
}

/**
 * The order in which those that wait, given as they came, are served if replies end in the order in
 * which they began and nobody else comes: fewest running first, then the earliest turn.
 */
export function foreseeOrder<Waiting extends Waiter>(
  waiting: readonly Waiting[],
  standing: Standing,
): Waiting[] {
  const left = new Set(waiting);
  const running = [...standing.running];
  const turns = new Map(standing.turns);
  let turn = Math.max(0, ...turns.values());
  const order: Waiting[] = [];
  for (;;) {
    const ended = running.length >= standing.places ? running.shift() : undefined;
    if (ended !== undefined) turns.set(ended, ++turn);
    const next = findNext(left, running, turns);
    if (next === undefined) return order;
    left.delete(next);
    order.push(next);
    running.push(next.owner);
    turns.set(next.owner, ++turn);
  }
}

/** Of one owner's, the first that came. */
function findNext<Waiting extends Waiter>(
  waiting: Iterable<Waiting>,
  running: readonly Owner[],
  turns: ReadonlyMap<Owner, number>,
): Waiting | undefined {
  const counts = countEach(running);
  let next: { readonly waiter: Waiting; readonly count: number; readonly turn: number } | undefined;
  for (const waiter of waiting) {
    const count = counts.get(waiter.owner) ?? 0;
    const turn = turns.get(waiter.owner) ?? 0;
    if (next === undefined || count < next.count || (count === next.count && turn < next.turn)) {
      next = { waiter, count, turn };
    }
  }
  return next?.waiter;
}

function countEach(owners: readonly Owner[]): Map<Owner, number> {
  const counts = new Map<Owner, number>();
  for (const owner of owners) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  return counts;
}
