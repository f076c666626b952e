import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { streamFromCallback } from "../../src/inference/stream-from-callback.ts";

const never = new AbortController().signal;

describe("streamFromCallback", () => {
  it("yields every item in order, also those emitted while the consumer was busy", async () => {
    const stream = streamFromCallback<number>(async (emit) => {
      emit(1);
      await Promise.resolve();
      emit(2);
      emit(3);
    }, never);
    const seen: number[] = [];
    for await (const item of stream) {
      seen.push(item);
      await setImmediate();
    }
    expect(seen).toEqual([1, 2, 3]);
  });

  it("rethrows the producer's failure after the items before it", async () => {
    const stream = streamFromCallback<number>((emit) => {
      emit(1);
      return Promise.reject(new Error("out of memory"));
    }, never);
    expect(await stream.next()).toEqual({ value: 1, done: false });
    await expect(stream.next()).rejects.toThrow("out of memory");
  });

  it("aborts the producer when the consumer leaves the loop", async () => {
    let seen: AbortSignal | undefined;
    const stream = streamFromCallback<number>((emit, signal) => {
      seen = signal;
      emit(1);
      return new Promise(() => undefined);
    }, never);
    for await (const _ of stream) break;
    expect(seen?.aborted).toBe(true);
  });

  it("throws the signal's reason at once, however long the producer takes to stop", async () => {
    const stop = new AbortController();
    const stream = streamFromCallback<number>(() => new Promise(() => undefined), stop.signal);
    const next = stream.next();
    stop.abort(new Error("enough"));
    await expect(next).rejects.toThrow("enough");
  });
});
