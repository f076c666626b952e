import { promises as files } from "node:fs";
import process from "node:process";
import { promises as timers } from "node:timers";
import { FamiliarError } from "../chat/errors.ts";
import { codeOf } from "./guard.ts";

/** A lock that is being written or taken over is looked at again this often, and so many times. */
const RETRY_MS = 50;
const ATTEMPTS = 100;

/** Nobody takes longer than this to write or replace a lock; whoever left it so was killed. */
const STUCK_AFTER_MS = 3_000;

/**
 * Makes a file that says which process uses a folder, for as long as it lives. A file left behind
 * by a killed process is taken over.
 *
 * @throws {FamiliarError} `store-failed` while another process, or this one, holds it
 */
export async function lockFolder(path: string, signal: AbortSignal): Promise<AsyncDisposable> {
  const holder = await describeHolder();
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    signal.throwIfAborted();
    if ((await create(path, holder)) || (await takeOver(path, holder))) {
      return { [Symbol.asyncDispose]: () => files.rm(path, { force: true }) };
    }
    await timers.setTimeout(RETRY_MS);
  }
  throw new FamiliarError("store-failed", `Cannot take over ${path}: delete it and start again.`);
}

async function create(path: string, holder: string): Promise<boolean> {
  try {
    await files.writeFile(path, holder, { flag: "wx" });
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/**
 * Replaces the lock of a process that is gone. Only the one that made the second file may replace
 * the first, and looks at it once more before: of two that see the same stale lock, the later one
 * must not throw out the earlier.
 */
async function takeOver(path: string, holder: string): Promise<boolean> {
  if (!(await isStale(path, holder))) return false;
  const claim = `${path}.takeover`;
  if (!(await create(claim, holder))) {
    if ((await ageMs(claim)) > STUCK_AFTER_MS) await files.rm(claim, { force: true });
    return false;
  }
  try {
    if (!(await isStale(path, holder))) return false;
    await files.rename(claim, path);
    return true;
  } finally {
    await files.rm(claim, { force: true });
  }
}

/** @throws {FamiliarError} when a process that lives holds the lock */
async function isStale(path: string, holder: string): Promise<boolean> {
  const content = await files.readFile(path, "utf8").catch(ignoreMissing);
  if (content === undefined) return false;
  // The file is there a moment before its line; only a crash leaves it without.
  if (!content.endsWith("\n")) return (await ageMs(path)) > STUCK_AFTER_MS;
  const pid = Number.parseInt(content, 10);
  const isHeld =
    pid === process.pid ? content === holder : isRunning(pid) && (await isSameBirth(pid, content));
  if (!isHeld) return true;
  throw new FamiliarError(
    "store-failed",
    `Process ${pid} is using the database already: stop it first, or give this one another DATA_DIR. If process ${pid} is something else, delete ${path}.`,
  );
}

function isRunning(pid: number): boolean {
  try {
    // Signal 0 only asks.
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/**
 * Pids come again: after a restart of the machine or the container, another process can have the
 * one in the file. Its own start tells them apart, and, where the system does not say more, that is
 * all there is.
 */
async function describeHolder(): Promise<string> {
  const birth = await birthOf(process.pid);
  return `${process.pid} ${birth ?? "-"} ${Math.round(performance.timeOrigin)}\n`;
}

async function isSameBirth(pid: number, content: string): Promise<boolean> {
  const recorded = content.split(" ")[1];
  const birth = await birthOf(pid);
  return recorded === "-" || birth === undefined || recorded === birth;
}

/** On Linux, the machine's start and the process's; undefined elsewhere. */
async function birthOf(pid: number): Promise<string | undefined> {
  try {
    const boot = await files.readFile("/proc/sys/kernel/random/boot_id", "utf8");
    const facts = await files.readFile(`/proc/${pid}/stat`, "utf8");
    // The second field, a name in brackets, can hold anything; the 22nd is the start in ticks.
    const ticks = facts.slice(facts.lastIndexOf(")") + 2).split(" ")[19];
    return ticks === undefined ? undefined : `${boot.trim()}:${ticks}`;
  } catch {
    return undefined;
  }
}

async function ageMs(path: string): Promise<number> {
  const facts = await files.stat(path).catch(ignoreMissing);
  return facts === undefined ? 0 : Date.now() - facts.mtimeMs;
}

function ignoreMissing(error: unknown): undefined {
  if (codeOf(error) !== "ENOENT") throw error;
}
