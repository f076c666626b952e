/** Something borrowed: returned when its `using` block ends, however it ends. */
export interface Lease<Resource> extends Disposable {
  readonly resource: Resource;
}

interface Slot<Resource> {
  readonly resource: Resource;
  lastBorrower: number | undefined;
}

interface Waiter<Resource> {
  readonly borrower: number;
  readonly resolve: (lease: Lease<Resource>) => void;
  readonly stopWaiting: () => void;
}

/**
 * Lends each of `resources` to one borrower at a time. A borrower gets what it had before when that
 * is free, else what has been idle for longest; when nothing is free, it waits in order.
 */
export class SlotPool<Resource> {
  /** Longest idle first. */
  readonly #idle: Slot<Resource>[];
  readonly #waiters: Waiter<Resource>[] = [];

  constructor(resources: readonly Resource[]) {
    this.#idle = resources.map((resource) => ({ resource, lastBorrower: undefined }));
  }

  /** @throws the signal's reason if it is aborted before a resource is free */
  async lease(borrower: number, signal: AbortSignal): Promise<Lease<Resource>> {
    signal.throwIfAborted();
    const former = this.#idle.findIndex((slot) => slot.lastBorrower === borrower);
    const [slot] = this.#idle.splice(Math.max(former, 0), 1);
    if (slot !== undefined) return this.#lend(slot, borrower);

    return await new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(signal.reason);
      };
      const stopWaiting = (): void => signal.removeEventListener("abort", onAbort);
      const waiter = { borrower, resolve, stopWaiting };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiters.push(waiter);
    });
  }

  #lend(slot: Slot<Resource>, borrower: number): Lease<Resource> {
    slot.lastBorrower = borrower;
    return { resource: slot.resource, [Symbol.dispose]: () => this.#takeBack(slot) };
  }

  #takeBack(slot: Slot<Resource>): void {
    const waiter = this.#waiters.shift();
    if (waiter === undefined) {
      this.#idle.push(slot);
      return;
    }
    waiter.stopWaiting();
    waiter.resolve(this.#lend(slot, waiter.borrower));
  }
}
