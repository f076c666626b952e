import { readFile } from "node:fs/promises";
import process from "node:process";
import { readCard } from "../../src/cards/read-card.ts";
import { FamiliarError } from "../../src/chat/errors.ts";
import { SOUND_FILES } from "../cards/card-files.ts";
import { cpuMs } from "../cards/cpu-time.ts";
import { damagedFiles } from "../cards/damaged-files.ts";

// Reads so many damaged files, or the files at the given paths, and tells what came of it. Started
// with --expose-gc, so that what is measured is what one file takes.
const [, , mode = "", ...parameters] = process.argv;
const collect = globalThis.gc ?? (() => {});
const outcome = { cards: 0, refusals: 0, slowestMs: 0, growthBytes: 0 };

for (const { bytes, fileName } of SOUND_FILES) await readCard(bytes, fileName);
collect();
const baselineBytes = peakBytes();
if (mode === "damaged") {
  for (const bytes of damagedFiles(Number(parameters[0]), Number(parameters[1]))) await read(bytes);
} else {
  for (const path of parameters) {
    await read(await readFile(path));
    collect();
  }
}
outcome.growthBytes = peakBytes() - baselineBytes;
process.stdout.write(JSON.stringify(outcome));

async function read(bytes: Uint8Array): Promise<void> {
  const started = cpuMs();
  try {
    await readCard(bytes, "file");
    outcome.cards += 1;
  } catch (error) {
    if (!(error instanceof FamiliarError) || error.code !== "input-invalid") throw error;
    outcome.refusals += 1;
  }
  outcome.slowestMs = Math.max(outcome.slowestMs, cpuMs() - started);
}

function peakBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}
