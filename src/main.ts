import { join } from "node:path";
import { announce } from "./announce.ts";
import { FamiliarError } from "./chat/errors.ts";
import { chooseSampling } from "./choose-model.ts";
import { chooseSummaries } from "./choose-summaries.ts";
import { systemClock } from "./clock.ts";
import type { Config } from "./config.ts";
import { createRestOptions } from "./discord/rest/rest-options.ts";
import { healthFileIn, keepHealthFile } from "./health-file.ts";
import { listenForStop, runToExit } from "./lifetime.ts";
import { createLog } from "./log.ts";
import { joinEmbeddings } from "./join-embeddings.ts";
import { openEngine } from "./open-engine.ts";
import { startPlayground } from "./playground/playground.ts";
import type { Playground } from "./playground/playground.ts";
import { readConfig } from "./read-config.ts";
import { startBot } from "./start-bot.ts";
import { openStore } from "./store/open-store.ts";

/** The composition root: all parts, in the order in which they need each other. */
async function run(stop: AbortSignal): Promise<void> {
  const config = readConfig();
  const { dataDir } = config;
  const log = createLog(config.log);
  const isPlayground = config.discord.token === undefined;

  await using playground = isPlayground ? await openPlayground(config) : undefined;
  // Both take their time, and neither needs the other.
  const circumstances = { clock: systemClock, log, signal: stop, withEmbeddings: true };
  const opening = openEngine(config, circumstances);
  opening.catch(() => undefined);
  await using store = await openStore({
    databaseUrl: config.store.url,
    dataDir,
    log,
    signal: stop,
  });
  await using opened = await opening;
  const { engine } = opened;
  const embedding = await joinEmbeddings(opened.embedder, store);
  const lines = [...opened.lines, ...embedding.lines];
  const summaries = chooseSummaries(config, opened);
  await using bot = await startBot({
    token: playground?.botToken ?? config.discord.token ?? "",
    rest: createRestOptions({ apiUrl: playground?.apiUrl ?? config.discord.apiUrl }),
    dependencies: { ...store, clock: systemClock, embedding: embedding.ports, engine, log },
    settings: { ...config.chat, sampling: chooseSampling(config), summaries: summaries.isOn },
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
  announce({ client: bot.client, lines, summaries, pageUrl: playground?.pageUrl, store });
  await bot.ended;
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

await runToExit(run, listenForStop());
