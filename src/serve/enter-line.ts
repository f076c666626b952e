import type { ReplyLine } from "../chat/reply/reply-line.ts";
import type { Waiting } from "./served-event.ts";

/** Clients and proxies take a connection that says nothing for a minute to be dead. */
const SIGN_OF_LIFE_MS = 15_000;

/**
 * Waits for one of the engine's places, and tells of it at once, on each change and every 15 s.
 * Returns the place, which is the caller's to dispose of. Read it to its end: whoever no longer
 * wants the place aborts `signal`.
 *
 * @throws as `ReplyLine.enter` does
 */
export async function* enterLine(
  line: ReplyLine,
  signal: AbortSignal,
): AsyncGenerator<Waiting, Disposable> {
  let place = 0;
  let news = createNews();
  const timer = setInterval(() => news.tell(), SIGN_OF_LIFE_MS);
  try {
    const onPlace = (next: number): void => {
      place = next;
      news.tell();
    };
    const entered = line.enter({ userId: undefined, signal, onPlace });
    for (;;) {
      const served = await Promise.race([entered, news.told]);
      if (served !== undefined) return served;
      news = createNews();
      yield { type: "waiting", place };
    }
  } finally {
    clearInterval(timer);
  }
}

function createNews() {
  let resolve: ((nothing: undefined) => void) | undefined;
  const told = new Promise<undefined>((settle) => {
    resolve = settle;
  });
  return { told, tell: () => resolve?.(undefined) };
}
