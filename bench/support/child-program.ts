import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import process from "node:process";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const IS_WINDOWS = process.platform === "win32";

/** How long a program may take to end when it is asked to. */
const STOP_MS = 15_000;

export interface ChildProgramOptions {
  /** Default: Node. */
  readonly command?: string;
  /** Default: the project's folder. */
  readonly cwd?: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** A program with its children. Disposing of it stops it. */
export interface ChildProgram extends AsyncDisposable {
  readonly pid: number;
  /** Milliseconds from the start until it printed `words`; rejects when it ends before. */
  until(words: string): Promise<number>;
}

export function startProgram(options: ChildProgramOptions): ChildProgram {
  const { args, command = process.execPath, cwd = ROOT, environment, signal } = options;
  const startedAt = performance.now();
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, so that npm's children end with it.
    detached: !IS_WINDOWS,
  });
  // A program that is not there: told below.
  child.once("error", () => undefined);
  const { pid } = child;
  if (pid === undefined) throw new Error(`Cannot start ${command} ${args.join(" ")}`);
  const output = collectOutput(child);
  // Closed: ended, and everything that it printed has arrived.
  const ended = once(child, "close");
  return {
    pid,
    until: (words) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (output.text().includes(words)) resolve(performance.now() - startedAt);
        };
        output.onMore(look);
        look();
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
        ended.then(() => reject(new Error(toEarlyEnd(child, output.text()))), reject);
      }),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      await stop(pid, "SIGTERM");
      const giveUp = setTimeout(() => void stop(pid, "SIGKILL"), STOP_MS);
      await ended;
      clearTimeout(giveUp);
    },
  };
}

function toEarlyEnd({ exitCode, signalCode }: ChildProcess, text: string): string {
  return `The program ended (${exitCode ?? signalCode}) before it was ready:\n${text}`;
}

function collectOutput({ stderr, stdout }: ChildProcess) {
  let text = "";
  let onMore: () => void = () => {};
  for (const stream of [stdout, stderr]) {
    stream?.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
      onMore();
    });
  }
  return {
    text: () => text,
    onMore(listener: () => void) {
      onMore = listener;
    },
  };
}

async function stop(pid: number, signal: NodeJS.Signals): Promise<void> {
  // Windows knows no groups of processes.
  if (IS_WINDOWS) await promisify(execFile)("taskkill", ["/pid", String(pid), "/t", "/f"]);
  else process.kill(-pid, signal);
}
