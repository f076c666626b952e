import { open } from "node:fs/promises";

const SAMPLE_BYTES = 2 ** 20;

/**
 * Gives what tells a model's file from others without reading all of many gigabytes: its size and both
 * its ends.
 */
export async function sampleFile(
  path: string,
  take: (bytes: Buffer | string) => void,
): Promise<void> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    take(String(size));
    for (const position of [0, Math.max(0, size - SAMPLE_BYTES)]) {
      const { buffer, bytesRead } = await file.read(
        Buffer.alloc(SAMPLE_BYTES),
        0,
        SAMPLE_BYTES,
        position,
      );
      take(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}
