import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { promisify } from "node:util";

const KIB_PER_MB = 1_000_000 / 1024;

/** Memory that a process holds in RAM now, in megabytes. */
export async function readResidentMb(pid: number): Promise<number> {
  return (await readResidentKib(pid)) / KIB_PER_MB;
}

async function readResidentKib(pid: number): Promise<number> {
  if (process.platform === "linux") {
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    return parseKib(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
  }
  if (process.platform === "win32") {
    const query = `(Get-Process -Id ${pid}).WorkingSet64 / 1KB`;
    const { stdout } = await promisify(execFile)("powershell", ["-NoProfile", "-Command", query]);
    return parseKib(stdout);
  }
  const { stdout } = await promisify(execFile)("ps", ["-o", "rss=", "-p", String(pid)]);
  return parseKib(stdout);
}

function parseKib(text: string | undefined): number {
  const kib = Number(text?.trim());
  if (Number.isFinite(kib) && kib > 0) return kib;
  throw new Error("The memory of the process cannot be read");
}
