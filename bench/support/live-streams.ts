import type { Engine } from "../../src/chat/ports.ts";
import { toGenerationRequest } from "./local-engine.ts";
import type { StreamRequest } from "./local-engine.ts";

/** Replies that are written until they are stopped. Disposing of them stops them. */
export interface LiveStreams extends AsyncDisposable {
  /** When the pieces of each came, on the clock of `performance`; grows. */
  readonly pieceAt: readonly (readonly number[])[];
  /** Resolves when each has said this many pieces more; rejects with `EndedEarly` when one ends. */
  more(pieces: number): Promise<void>;
}

/** A reply ended before it was stopped: what was to be measured beside it is not to be had. */
export class EndedEarly extends Error {
  override readonly name = "EndedEarly";
}

export function startLiveStreams(
  engine: Pick<Engine, "generate">,
  requests: readonly StreamRequest[],
): LiveStreams {
  const stop = new AbortController();
  const pieceAt = requests.map(() => new Array<number>());
  const watchers = new Set<() => void>();
  const streams = requests.map(async (request, index) => {
    const signal = AbortSignal.any([request.signal, stop.signal]);
    for await (const { type } of engine.generate(toGenerationRequest({ ...request, signal }))) {
      if (type === "text-delta") pieceAt[index]?.push(performance.now());
      for (const look of watchers) look();
    }
    throw new EndedEarly();
  });
  const ended = Promise.all(streams);
  // Whoever waits for more is told.
  ended.catch(() => undefined);
  return {
    pieceAt,
    async more(pieces) {
      const wanted = pieceAt.map(({ length }) => length + pieces);
      const said = new Promise<void>((resolve) => {
        const look = (): void => {
          if (!pieceAt.every(({ length }, index) => length >= (wanted[index] ?? 0))) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
      });
      await Promise.race([said, ended]);
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.allSettled(streams);
    },
  };
}
