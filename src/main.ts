import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { config as readDotenv } from "dotenv";
import { announce } from "./announce.ts";
import { FamiliarError } from "./chat/errors.ts";
import type { Clock } from "./chat/ports.ts";
import { parseConfig, REFERENCE_MODEL } from "./config.ts";
import type { Config } from "./config.ts";
import { createRestOptions } from "./discord/rest/rest-options.ts";
import { pause } from "./discord/rest/pause.ts";
import { healthFileIn, keepHealthFile } from "./health-file.ts";
import { createLlamaEngine } from "./inference/llama/llama-engine.ts";
import type { LlamaEngine } from "./inference/llama/llama-engine.ts";
import { resolveModel } from "./inference/model/resolve-model.ts";
import { listenForStop, runToExit } from "./lifetime.ts";
import { createLog } from "./log.ts";
import { startPlayground } from "./playground/playground.ts";
import type { Playground } from "./playground/playground.ts";
import { createProgress } from "./progress.ts";
import { startBot } from "./start-bot.ts";
import { openStore } from "./store/open-store.ts";

const DEMO_MODEL = fileURLToPath(new URL("../models/familiar-demo-3m-q8_0.gguf", import.meta.url));

const clock: Clock = { now: () => performance.now(), wait: (ms) => pause(ms) };

/** The composition root: all parts, in the order in which they need each other. */
async function run(stop: AbortSignal): Promise<void> {
  const config = readConfig();
  const { dataDir } = config;
  const log = createLog(config.log);
  const isPlayground = config.discord.token === undefined;

  await using playground = isPlayground ? await openPlayground(config) : undefined;
  // Both take their time, and neither needs the other.
  const opening = openEngine(config, isPlayground, stop);
  opening.catch(() => undefined);
  await using store = await openStore({
    databaseUrl: config.store.url,
    dataDir,
    log,
    signal: stop,
  });
  await using engine = await opening;
  await using bot = await startBot({
    token: playground?.botToken ?? config.discord.token ?? "",
    rest: createRestOptions({ apiUrl: playground?.apiUrl ?? config.discord.apiUrl }),
    dependencies: { ...store, clock, engine, log },
    settings: toSettings(config, isPlayground),
    health: {
      database: store.description,
      model: engine.modelName,
      pingDatabase: () => store.ping(),
      pingModel: () => engine.ping(),
    },
    stop,
  });
  const isWell = async (): Promise<boolean> => bot.client.isReady() && (await store.ping()) >= 0;
  await using _health = await keepHealthFile(healthFileIn(dataDir), isWell);
  announce({ client: bot.client, engine, pageUrl: playground?.pageUrl, store });
  await bot.ended;
}

function readConfig(): Config {
  readDotenv({ quiet: true });
  const environment = process.env;
  // libuv's pool serves inference, files and name look-ups alike; it is sized at its first use.
  environment["UV_THREADPOOL_SIZE"] ??= "16";
  return parseConfig(environment);
}

/** The playground knows nothing of the bot's errors; what it throws is a sentence already. */
async function openPlayground({ dataDir, playground }: Config): Promise<Playground> {
  try {
    return await startPlayground({ port: playground.port, dataDir: join(dataDir, "playground") });
  } catch (error) {
    const sentence = error instanceof Error ? error.message : "The playground does not start.";
    throw new FamiliarError("playground-failed", sentence, { cause: error });
  }
}

async function openEngine(
  { dataDir, model }: Config,
  isPlayground: boolean,
  signal: AbortSignal,
): Promise<LlamaEngine> {
  const { chatTemplate, contextTokens, gpu, source, threads } = model;
  const showDownload = createProgress("Downloading the model");
  const modelPath = await resolveModel({
    source: source ?? (isPlayground ? DEMO_MODEL : REFERENCE_MODEL),
    modelsDir: join(dataDir, "models"),
    onProgress: ({ downloadedBytes, totalBytes }) => showDownload(downloadedBytes / totalBytes),
    signal,
  });
  const onProgress = createProgress("Loading the model");
  const options = { modelPath, chatTemplate, contextTokens, gpu, threads, onProgress, signal };
  return await createLlamaEngine(options);
}

/** The demo model is too small to take chances with: it answers best with its first choice. */
function toSettings({ chat, model }: Config, isPlayground: boolean) {
  const isDemo = isPlayground && model.source === undefined;
  const temperature = chat.sampling.temperature ?? (isDemo ? 0 : 0.7);
  return { ...chat, sampling: { ...chat.sampling, temperature } };
}

await runToExit(run, listenForStop());
