/** Runs something once, later. The function returned calls it off. */
export type Schedule = (afterMs: number, run: () => void) => () => void;

export function scheduleTimer(afterMs: number, run: () => void): () => void {
  const timer = setTimeout(run, afterMs);
  return () => clearTimeout(timer);
}
