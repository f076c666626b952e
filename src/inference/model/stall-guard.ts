import { StallError } from "./explain-download.ts";

export interface StallGuard extends Disposable {
  /** Aborts with a {@link StallError}. */
  readonly signal: AbortSignal;
  /** Only a new highest count is progress: a transfer that breaks again and again starts over. */
  report(bytes: number): void;
}

export function createStallGuard(limitMs: number): StallGuard {
  const controller = new AbortController();
  const stall = () => controller.abort(new StallError("no progress"));
  const timer = setTimeout(stall, limitMs);
  let highest = 0;
  return {
    signal: controller.signal,
    report(bytes) {
      if (bytes <= highest) return;
      highest = bytes;
      timer.refresh();
    },
    [Symbol.dispose]() {
      clearTimeout(timer);
    },
  };
}
