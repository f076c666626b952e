/**
 * A server that vanished from the network answers nothing, not even that it is gone.
 *
 * @throws an error with Node's code for it when the query takes longer
 */
export async function inTime<Result>(
  query: PromiseLike<Result>,
  timeoutMs: number,
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        Object.assign(new Error("The database did not answer in time"), { code: "ETIMEDOUT" }),
      );
    }, timeoutMs);
  });
  try {
    return await Promise.race([query, late]);
  } finally {
    clearTimeout(timer);
  }
}
