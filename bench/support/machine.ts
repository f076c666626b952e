import { readFileSync } from "node:fs";
import { arch, availableParallelism, cpus, freemem, release, totalmem, type } from "node:os";
import process from "node:process";
import { setTimeout as wait } from "node:timers/promises";

const GIB = 2 ** 30;
const LOOK_MS = 1_000;

/** The packages on whose speed Familiar's own rests. */
const PACKAGES = [
  "node-llama-cpp",
  "@electric-sql/pglite",
  "drizzle-orm",
  "discord.js",
  "postgres",
] as const;

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly freeMemoryGib: number;
  readonly os: string;
  /** How much of all cores other programs use, in percent: figures are good where it is near 0. */
  readonly busyPercent: number;
}

/** To be called before anything is measured; looks on for a second. */
export async function readMachine(): Promise<Machine> {
  return {
    busyPercent: await readBusyPercent(),
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / GIB),
    freeMemoryGib: Math.round(freemem() / GIB),
    os: `${type()} ${release()} ${arch()}`,
  };
}

async function readBusyPercent(): Promise<number> {
  const before = readTimes();
  await wait(LOOK_MS);
  const after = readTimes();
  const idle = (after.idle - before.idle) / (after.all - before.all);
  return Math.round((1 - idle) * 100);
}

function readTimes() {
  const times = cpus().map((core) => core.times);
  const all = times.flatMap((core) => Object.values(core)).reduce((sum, each) => sum + each, 0);
  return { all, idle: times.reduce((sum, { idle }) => sum + idle, 0) };
}

/** Node, Familiar and the packages as they are installed. */
export function readVersions(): Readonly<Record<string, string>> {
  const versions: Record<string, string> = {
    node: process.versions.node,
    familiar: readVersion("../../package.json"),
  };
  for (const name of PACKAGES) {
    versions[name] = readVersion(`../../node_modules/${name}/package.json`);
  }
  return versions;
}

function readVersion(path: string): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
  const isManifest = typeof manifest === "object" && manifest !== null && "version" in manifest;
  return isManifest ? String(manifest.version) : "unknown";
}
