import { FamiliarError } from "../../chat/errors.ts";
import { StatusError } from "./explain-download.ts";
import { describeSource } from "./model-source.ts";
import type { ModelSource } from "./model-source.ts";

const MAGIC = "GGUF";

/**
 * Asks for a file's first bytes. The downloader repeats a request that fails for a quarter of an
 * hour before it says why; and a wrong file is better known before it has arrived.
 *
 * @throws {StatusError} the server gives no file
 * @throws {FamiliarError} `model-invalid`: the file is no model
 */
export async function probeAddress(source: ModelSource, signal: AbortSignal): Promise<void> {
  const headers = { range: `bytes=0-${MAGIC.length - 1}`, "accept-encoding": "identity" };
  const response = await fetch(source.text, { headers, signal });
  const start = await readStart(response);
  if (!response.ok) throw new StatusError(response.status);
  if (start === MAGIC) return;
  throw new FamiliarError(
    "model-invalid",
    `There is no GGUF model at ${describeSource(source)}: give the address of the .gguf file itself`,
  );
}

/** Leaves the rest of an answer that ignores the range. */
async function readStart(response: Response): Promise<string> {
  let start = "";
  for await (const chunk of response.body ?? []) {
    start += Buffer.from(chunk).toString("latin1", 0, MAGIC.length);
    if (start.length >= MAGIC.length) break;
  }
  return start.slice(0, MAGIC.length);
}
