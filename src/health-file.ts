import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

const EVERY_MS = 20_000;

/** Where the container's health check looks; the file is as old as the last time all was well. */
export function healthFileIn(dataDir: string): string {
  return join(dataDir, "healthy");
}

/** Renews the file while `isWell` holds, and takes it away in the end. */
export async function keepHealthFile(
  path: string,
  isWell: () => Promise<boolean>,
): Promise<AsyncDisposable> {
  const renew = async (): Promise<void> => {
    if (await isWell().catch(() => false)) await writeFile(path, new Date().toISOString());
  };
  await renew();
  // A folder that cannot be written shows as a file that grows old.
  const timer = setInterval(() => void renew().catch(() => undefined), EVERY_MS);
  timer.unref();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await rm(path, { force: true });
    },
  };
}
