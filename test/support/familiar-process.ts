import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

const MAIN = resolve("src/main.ts");
const LOADER = pathToFileURL(resolve("node_modules/tsx/dist/loader.mjs")).href;

export interface Exit {
  readonly code: number | null;
  readonly output: string;
}

export interface FamiliarProcess extends AsyncDisposable {
  readonly pageUrl: string;
  /** All that it has printed so far, on both streams. */
  output(): string;
  stop(signal: NodeJS.Signals): Promise<Exit>;
}

type Environment = Readonly<Record<string, string>>;

/** The program as its owner starts it, in a folder of its own, until it says that it is ready. */
export async function startFamiliar(
  folder: string,
  environment: Environment = {},
): Promise<FamiliarProcess> {
  const launched = launch(folder, environment);
  const { child, exited } = launched;
  const output = (): string => launched.output();
  const stop = async (signal: NodeJS.Signals): Promise<Exit> => {
    child.kill(signal);
    return await exited;
  };
  const isReady = async (): Promise<string> => {
    for (;;) {
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output())?.[0];
      if (output().includes("Familiar is ready") && url !== undefined) return url;
      await Promise.race([once(child.stdout ?? child, "data"), exited.then(fail)]);
    }
  };
  return {
    pageUrl: await isReady(),
    output,
    stop,
    async [Symbol.asyncDispose]() {
      await stop("SIGKILL");
    },
  };
}

function fail({ code, output }: Exit): never {
  throw new Error(`Familiar ended with ${code} before it was ready:\n${output}`);
}

/** Runs the program until it ends by itself. */
export async function runFamiliar(folder: string, environment: Environment): Promise<Exit> {
  return await launch(folder, environment).exited;
}

interface Launched {
  readonly child: ChildProcess;
  readonly exited: Promise<Exit>;
  output(): string;
}

function launch(folder: string, environment: Environment): Launched {
  const child = spawn(process.execPath, ["--import", LOADER, MAIN], {
    cwd: folder,
    env: { PATH: process.env["PATH"], PLAYGROUND_PORT: "0", THREADS: "1", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  const collect = (chunk: Buffer): void => {
    printed += chunk.toString();
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  const exited = once(child, "close").then(([code]) => ({
    code: code as number | null,
    output: printed,
  }));
  return { child, exited, output: () => printed };
}
