import type { Token } from "node-llama-cpp";
import type { RowId } from "../../chat/conversation.ts";
import { countCommonTokens } from "./common-tokens.ts";
import type { Slot } from "./slot.ts";

/** A slot of one's own: returned when its `using` block ends, however it ends. */
export interface Lease extends Disposable {
  readonly slot: Slot;
}

/** Who wants a slot, and for which prompt. */
export interface Tenant {
  readonly conversationId: RowId | undefined;
  readonly tokens: readonly Token[];
}

interface Waiter {
  readonly tenant: Tenant;
  readonly resolve: (lease: Lease) => void;
  readonly stopWaiting: () => void;
}

/**
 * Lends each slot to one reply at a time. For every gap between the slots of a batch, llama.cpp
 * reads all weights once more, so whoever leaves the fewest gaps is lent first. Of these, a
 * conversation gets the slot that holds its tokens, else an empty one, else the one that has been
 * idle for longest. Who has no conversation is known by the prompt. When nothing is free, it waits
 * in order.
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

  /** @throws the signal's reason if it is aborted before a slot is free */
  async lease(tenant: Tenant, signal: AbortSignal): Promise<Lease> {
    signal.throwIfAborted();
    const slot = this.#choose(tenant);
    if (slot !== undefined) return this.#lend(slot);

    return await new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(signal.reason);
      };
      const stopWaiting = (): void => signal.removeEventListener("abort", onAbort);
      const waiter = { tenant, resolve, stopWaiting };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiters.push(waiter);
    });
  }

  #choose(tenant: Tenant): Slot | undefined {
    const choices = this.#idle.map((slot) => {
      const wishes = [this.#countRuns(slot), -countOwnTokens(slot, tenant)];
      const isTaken = slot.sequence.nextTokenIndex === 0 ? 0 : 1;
      return { slot, order: [...(this.#canMove ? wishes : wishes.toReversed()), isTaken] };
    });
    return choices.toSorted((one, other) => compare(one.order, other.order))[0]?.slot;
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
    waiter.resolve(this.#lend(this.#choose(waiter.tenant) ?? slot));
  }
}

/**
 * How much of the slot is the tenant's. What nobody owns belongs to a prompt that goes on with most
 * of it: then it loses less than it saves.
 */
function countOwnTokens(slot: Slot, { conversationId, tokens }: Tenant): number {
  if (slot.conversationId !== conversationId) return 0;
  if (conversationId !== undefined) return 1;
  const held = slot.tokens;
  const common = countCommonTokens(held, tokens);
  return common * 2 >= held.length ? common : 0;
}

function compare(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((value, index) => value !== other[index]);
  return at === -1 ? 0 : (one[at] ?? 0) - (other[at] ?? 0);
}
