const ignore = (): void => undefined;

/**
 * Turns a callback API into an async iterable. `produce` is called once the first item is asked
 * for; its `emit` never blocks. When the consumer stops early, or `signal` is aborted, the signal
 * given to `produce` is aborted too, and nobody waits for what it still has to clear up.
 *
 * @throws whatever `produce` rejects with, after the items emitted before it
 * @throws the signal's reason as soon as it is aborted
 */
export async function* streamFromCallback<Item>(
  produce: (emit: (item: Item) => void, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): AsyncGenerator<Item, void> {
  signal.throwIfAborted();
  const consumerLeft = new AbortController();
  const buffer: Item[] = [];
  const state = { isRunning: true, wake: ignore };
  const onAbort = (): void => state.wake();
  const emit = (item: Item): void => {
    buffer.push(item);
    state.wake();
  };
  const production = produce(emit, AbortSignal.any([signal, consumerLeft.signal])).finally(() => {
    state.isRunning = false;
    state.wake();
  });
  // Awaited below; this only keeps a failure after an early exit from being reported as unhandled.
  production.catch(ignore);
  signal.addEventListener("abort", onAbort);

  try {
    while (state.isRunning || buffer.length > 0) {
      signal.throwIfAborted();
      const item = buffer.shift();
      if (item !== undefined) yield item;
      else
        await new Promise<void>((resolve) => {
          state.wake = resolve;
        });
    }
    await production;
  } finally {
    signal.removeEventListener("abort", onAbort);
    consumerLeft.abort();
  }
}
