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
 * Lends each slot to one reply at a time. A conversation gets the slot that holds its tokens when
 * that is free, else an empty one, else the one that has been idle for longest; when nothing is
 * free, it waits in order.
 */
export class SlotPool {
  /** Longest idle first. */
  readonly #idle: Slot[];
  readonly #busy = new Set<Slot>();
  readonly #waiters: Waiter[] = [];

  constructor(slots: readonly Slot[]) {
    this.#idle = [...slots];
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
    const own = this.#idle.find(
      (slot) => conversationId !== undefined && slot.conversationId === conversationId,
    );
    return own ?? this.#nearestEmpty() ?? this.#idle[0];
  }

  /** llama.cpp reads all weights once more for every gap between the slots of a batch. */
  #nearestEmpty(): Slot | undefined {
    const ranks = [...this.#busy].map((slot) => slot.rank);
    const distance = (slot: Slot): number =>
      Math.min(slot.rank, ...ranks.map((rank) => Math.abs(rank - slot.rank)));
    return this.#idle
      .filter((slot) => slot.sequence.nextTokenIndex === 0)
      .toSorted((one, other) => distance(one) - distance(other))[0];
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
