import process from "node:process";
import { chooseSampling } from "./choose-model.ts";
import { systemClock } from "./clock.ts";
import type { Config } from "./config.ts";
import { listenForStop, runToExit } from "./lifetime.ts";
import { createLog } from "./log.ts";
import { openEngine } from "./open-engine.ts";
import type { OpenedEngine } from "./open-engine.ts";
import { readConfig } from "./read-config.ts";
import { assertKeyed, startServe } from "./serve/serve.ts";

/** The model of the bot's settings, for other tools and other bots. */
async function run(stop: AbortSignal): Promise<void> {
  const config = readOwnConfig();
  // Before the model is loaded, which may take minutes.
  assertKeyed(config.serve);
  const log = createLog(config.log);
  // The states in `DATA_DIR` are the bot's alone: only their owner knows what has to be forgotten.
  const circumstances = { clock: systemClock, log, signal: stop, withStates: false };
  await using opened = await openEngine(config, circumstances);
  await using server = await startServe({
    ...config.serve,
    engine: opened.engine,
    sampling: chooseSampling(config),
    maxReplyTokens: config.chat.maxReplyTokens,
    maxWaiting: config.chat.maxWaiting,
    replyTimeoutMs: config.chat.replyTimeoutMs,
    clock: systemClock,
    log,
  });
  announce(server.url, opened.lines, config.serve.key);
  await new Promise<void>((resolve) => {
    stop.addEventListener("abort", () => resolve(), { once: true });
    if (stop.aborted) resolve();
  });
}

/** `INFERENCE_URL` is for the bot beside this server, and may well name this server. */
function readOwnConfig(): Config {
  const config = readConfig();
  return { ...config, inference: { ...config.inference, urls: [] } };
}

function announce(url: string, facts: OpenedEngine["lines"], key: string | undefined): void {
  const lines = [
    ...facts,
    ["Address", `${url}/v1 (OpenAI's API; Ctrl+C stops it)`],
    ["Key", key === undefined ? "none: only this computer is answered" : "as SERVE_KEY says"],
  ] as const;
  const text = lines.map(([name, fact]) => `  ${name.padEnd(9)} ${fact}`).join("\n");
  process.stdout.write(`\nFamiliar's model is ready for other tools.\n\n${text}\n\n`);
}

await runToExit(run, listenForStop());
