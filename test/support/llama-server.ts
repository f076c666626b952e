import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";

/** Where llama.cpp's own programs are, if anywhere. */
export const LLAMA_CPP_BIN = process.env["LLAMA_CPP_BIN"];

const EXECUTABLE = process.platform === "win32" ? "llama-server.exe" : "llama-server";

export interface LlamaServer extends AsyncDisposable {
  readonly url: string;
}

/** llama.cpp's server as a program of its own; it may still be loading. Disposing of it stops it. */
export async function startLlamaServer(folder: string, modelPath: string): Promise<LlamaServer> {
  const port = await findPort();
  const program = spawn(
    join(folder, EXECUTABLE),
    [
      ["--model", modelPath, "--parallel", "4", "--ctx-size", "8192"],
      ["--host", "127.0.0.1", "--port", String(port)],
      ["--threads", "1", "--threads-batch", "1"],
    ].flat(),
    {
      env: { PATH: process.env["PATH"], LD_LIBRARY_PATH: folder },
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  const stop = (): unknown => program.kill("SIGKILL");
  process.once("exit", stop);
  const ended = once(program, "exit");
  await Promise.race([untilListening(program.stderr), ended]);
  if (program.exitCode !== null) throw new Error(`llama-server exits with ${program.exitCode}`);
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      process.off("exit", stop);
      stop();
      await ended;
    },
  };
}

/** Reads on after that: a full pipe would stop the program. */
function untilListening(output: NodeJS.ReadableStream): Promise<void> {
  return new Promise((resolve) => {
    createInterface(output).on("line", (line) => {
      if (line.includes("listening on http")) resolve();
    });
  });
}

async function findPort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}
