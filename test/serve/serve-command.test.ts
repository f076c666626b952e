import { spawn } from "node:child_process";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { createFolder } from "../support/database.ts";

const MAIN = resolve("src/serve-main.ts");
const LOADER = pathToFileURL(resolve("node_modules/tsx/dist/loader.mjs")).href;

/** The command as its owner starts it, in a folder of its own. */
async function launch(environment: Readonly<Record<string, string>>) {
  const folder = await createFolder();
  const defaults = { PATH: process.env["PATH"], SERVE_PORT: "0", THREADS: "1", GPU: "off" };
  const child = spawn(process.execPath, ["--import", LOADER, MAIN], {
    cwd: folder,
    env: { ...defaults, ...environment },
  });
  const ended = once(child, "close");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  return { child, ended };
}

async function readUntil(child: ChildProcessWithoutNullStreams, mark: RegExp): Promise<string> {
  let output = "";
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    output += String(chunk);
    const found = mark.exec(output)?.[0];
    if (found !== undefined) return found;
  }
  throw new Error(`it ended without ${mark}:\n${output}`);
}

it("serves the demo model where nothing is set, and stops when it is told to", async () => {
  // Settings of a bot that uses this very server must not keep it from starting.
  const { child, ended } = await launch({ INFERENCE_URL: "http://127.0.0.1:9/v1" });
  const url = await readUntil(child, /http:\/\/127\.0\.0\.1:\d+\/v1/);
  const response = await fetch(`${url}/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ messages: [{ role: "user", content: "Who are you?" }] }),
  });
  expect(await response.json()).toMatchObject({
    model: "familiar-demo-3m-q8_0",
    choices: [{ message: { content: expect.stringMatching(/\w/) } }],
  });
  child.kill("SIGINT");
  expect(await ended).toEqual([0, null]);
});

it("refuses to serve everyone without a key, before it loads anything", async () => {
  const { child, ended } = await launch({ SERVE_HOST: "0.0.0.0", MODEL: MAIN });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  expect(await ended).toEqual([78, null]);
  expect(said).toMatch(/^Anyone who reaches 0\.0\.0\.0 could use the model: set SERVE_KEY/);
});
