import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import type { Log } from "../src/chat/ports.ts";
import { systemClock } from "../src/clock.ts";
import { parseConfig } from "../src/config.ts";
import { openEngine } from "../src/open-engine.ts";
import { createFolder } from "./support/database.ts";
import { startOpenAiServer } from "./support/openai-server.ts";

const ignore = (): void => undefined;
const log: Log = { info: ignore, warn: ignore, error: ignore };
const STATE = "0123abcd";
const EARLIER = [`${STATE}.json`, `${STATE}.state`];

/** A data folder with a state of an earlier run, and what an owner has put beside it. */
async function createData(): Promise<{ dataDir: string; left: () => Promise<string[]> }> {
  const dataDir = await createFolder();
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const states = join(dataDir, "states");
  await mkdir(states);
  for (const name of [...EARLIER, `${STATE}.json.new`, "read me.txt"])
    await writeFile(join(states, name), "What people said");
  return { dataDir, left: () => readdir(states) };
}

async function openAndClose(
  environment: Readonly<Record<string, string>>,
  withStates?: boolean,
): Promise<void> {
  const config = parseConfig({ GPU: "off", THREADS: "1", ...environment });
  const { signal } = new AbortController();
  const circumstances = { clock: systemClock, log, signal };
  const states = withStates === undefined ? {} : { withStates };
  await using _opened = await openEngine(config, { ...circumstances, ...states });
}

it("deletes the states of earlier where none are kept any more", async () => {
  const { dataDir, left } = await createData();
  await openAndClose({ DATA_DIR: dataDir, KV_STORE_MB: "0" });
  expect(await left()).toEqual(["read me.txt"]);
});

it("deletes the states of earlier where another server has the model now", async () => {
  await using server = await startOpenAiServer();
  const { dataDir, left } = await createData();
  await openAndClose({ DATA_DIR: dataDir, INFERENCE_URL: server.url, CONTEXT_TOKENS: "2048" });
  expect(await left()).toEqual(["read me.txt"]);
});

it("leaves a bot's states alone where they are not its own, whatever the settings", async () => {
  for (const kvStore of ["0", "100"]) {
    const { dataDir, left } = await createData();
    await openAndClose({ DATA_DIR: dataDir, KV_STORE_MB: kvStore }, false);
    expect(await left()).toEqual(expect.arrayContaining(EARLIER));
  }
});

it("starts where no states were ever kept", async () => {
  const dataDir = await createFolder();
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  await openAndClose({ DATA_DIR: dataDir, KV_STORE_MB: "0" });
  expect(await readdir(dataDir)).not.toContain("states");
});
