/**
 * For work that takes no signal: leaves it behind on abort, its late failure included.
 *
 * @throws `signal.reason`
 */
export async function untilAborted<Value>(
  work: Promise<Value>,
  signal: AbortSignal,
): Promise<Value> {
  const settled = new AbortController();
  const aborted = new Promise<never>((_resolve, reject) => {
    const leave = () => reject(signal.reason);
    signal.addEventListener("abort", leave, { signal: settled.signal });
    if (signal.aborted) leave();
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    settled.abort();
  }
}
