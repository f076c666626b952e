import type { RowId } from "../../chat/conversation.ts";
import type { Slot } from "./slot.ts";

/** A slot of one's own: returned when its `using` block ends, however it ends. */
export interface Lease extends Disposable {
  readonly slot: Slot;
}

interface Waiter {
  readonly conversationId: RowId | undefined;
  readonly resolve: (lease: Lease) => void;
  readonly stopWaiting: () => void;
}

/**
 * Lends each slot to one reply at a time. For every gap between the slots of a batch, llama.cpp
 * reads all weights once more, so whoever leaves the fewest gaps is lent first. Of these, a
 * conversation gets the slot that holds its tokens, else an empty one, else the one that has been
 * idle for longest. When nothing is free, it waits in order.
 */
export class SlotPool {
  /** Longest idle first. */
  readonly #idle: Slot[];
  /** Whether a conversation's tokens can be brought to another slot. */
  readonly #canMove: boolean;
  readonly #busy = new Set<Slot>();
  readonly #waiters: Waiter[] = [];

  constructor(slots: readonly Slot[], { canMove }: { readonly canMove: boolean }) {
    this.#idle = [...slots];
    this.#canMove = canMove;
  }

  get idle(): readonly Slot[] {
    return this.#idle;
  }

  /** Where a conversation's tokens are, busy or not. */
  holding(conversationId: RowId): readonly Slot[] {
    return [...this.#idle, ...this.#busy].filter((slot) => slot.conversationId === conversationId);
  }

  /** @throws the signal's reason if it is aborted before a slot is free */
  async lease(conversationId: RowId | undefined, signal: AbortSignal): Promise<Lease> {
    signal.throwIfAborted();
    const slot = this.#choose(conversationId);
    if (slot !== undefined) return this.#lend(slot);

    return await new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(signal.reason);
      };
      const stopWaiting = (): void => signal.removeEventListener("abort", onAbort);
      const waiter = { conversationId, resolve, stopWaiting };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiters.push(waiter);
    });
  }

  #choose(conversationId: RowId | undefined): Slot | undefined {
    const isOwn = (slot: Slot): boolean =>
      conversationId !== undefined && slot.conversationId === conversationId;
    const own = this.#canMove ? undefined : this.#idle.find(isOwn);
    const order = (slot: Slot): number[] => [
      this.#countRuns(slot),
      isOwn(slot) ? 0 : 1,
      slot.sequence.nextTokenIndex === 0 ? 0 : 1,
    ];
    return own ?? this.#idle.toSorted((one, other) => compare(order(one), order(other)))[0];
  }

  /** Of neighbouring slots in the batch, once this one is part of it. */
  #countRuns(slot: Slot): number {
    const ranks = [slot, ...this.#busy].map(({ rank }) => rank);
    return ranks.filter((rank) => !ranks.includes(rank - 1)).length;
  }

  #lend(slot: Slot): Lease {
    this.#idle.splice(this.#idle.indexOf(slot), 1);
    this.#busy.add(slot);
    return { slot, [Symbol.dispose]: () => this.#takeBack(slot) };
  }

  #takeBack(slot: Slot): void {
    this.#busy.delete(slot);
    this.#idle.push(slot);
    const waiter = this.#waiters.shift();
    if (waiter === undefined) return;
    waiter.stopWaiting();
    waiter.resolve(this.#lend(this.#choose(waiter.conversationId) ?? slot));
  }
}

function compare(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((value, index) => value !== other[index]);
  return at === -1 ? 0 : (one[at] ?? 0) - (other[at] ?? 0);
}
