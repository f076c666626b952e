import { join } from "node:path";
import process from "node:process";
import { config as readDotenv } from "dotenv";
import { FamiliarError } from "./chat/errors.ts";
import { parseConfig } from "./config.ts";
import type { Config } from "./config.ts";
import { parseModelSource } from "./inference/model/model-source.ts";
import { resolveModel } from "./inference/model/resolve-model.ts";
import { listenForStop, runToExit } from "./lifetime.ts";
import { checkModel } from "./model-check/check-model.ts";
import { formatLine, toVerdict } from "./model-check/report.ts";
import type { Line } from "./model-check/report.ts";
import { createProgress } from "./progress.ts";

const USAGE = `Usage:
  npm run model -- check <model>      says how well a model suits Familiar and this machine
  npm run model -- download <model>   fetches a model and prints the path of its file

A model is hf:user/repository:Q4_K_M, hf:user/repository/file.gguf, or the https: address of a
.gguf file; to check, the path of one as well. The settings of the environment and of .env hold
here too: CONTEXT_TOKENS, GPU, THREADS, CHAT_TEMPLATE, DATA_DIR and the others of a model.
`;

const FAULT = 1;
/** `EX_USAGE` of sysexits.h. */
const WRONG_USAGE = 64;
/** As shells report an end by Ctrl+C. */
const STOPPED = 130;

async function run(stop: AbortSignal): Promise<void> {
  const status = await runCommand(process.argv.slice(2), stop).catch(async (error: unknown) => {
    if (!stop.aborted || error !== stop.reason) throw error;
    await print(
      "\nStopped. A download goes on from here when it is started again.\n",
      process.stderr,
    );
    return STOPPED;
  });
  if (status !== 0) process.exit(status);
}

/** Resolves to the exit status. */
async function runCommand(words: readonly string[], stop: AbortSignal): Promise<number> {
  const [command, source, ...rest] = words;
  if (command === "help" || command === "--help") {
    await print(USAGE);
    return 0;
  }
  if (command !== "check" && command !== "download")
    return await refuse(command === undefined ? "" : `There is no command ${command}.\n\n`);
  if (source === undefined || rest.length > 0)
    return await refuse(`${command} takes one model.\n\n`);
  if (command === "check") return await check(source, stop);
  if (parseModelSource(source).kind === "path")
    return await refuse(`${source} is no address to download from.\n\n`);
  return await download(source, stop);
}

async function refuse(reason: string): Promise<number> {
  await print(`${reason}${USAGE}`, process.stderr);
  return WRONG_USAGE;
}

async function download(source: string, signal: AbortSignal): Promise<number> {
  const path = await findModel(source, readConfig(), signal);
  if (path === undefined) return FAULT;
  await print(`${path}\n`);
  return 0;
}

async function check(source: string, signal: AbortSignal): Promise<number> {
  const config = readConfig();
  const modelPath = await findModel(source, config, signal);
  if (modelPath === undefined) return FAULT;
  const { chatTemplate, contextTokens, gpu, kvCacheType, parallelConversations, threads } =
    config.model;
  const lines: Line[] = [];
  const checking = checkModel({
    modelPath,
    chatTemplate,
    contextTokens,
    gpu,
    kvCacheType,
    parallelConversations,
    threads,
    signal,
    onProgress: createProgress("Loading the model"),
    onTrialProgress: createProgress("Trying the model"),
  });
  for await (const line of checking) {
    lines.push(line);
    await print(`${formatLine(line)}\n`);
  }
  const { isUsable, sentence } = toVerdict(lines);
  await print(`\n${sentence}\n`);
  return isUsable ? 0 : FAULT;
}

/** Undefined where there is no sound model, which has been said then. */
async function findModel(
  source: string,
  { dataDir }: Config,
  signal: AbortSignal,
): Promise<string | undefined> {
  const showDownload = createProgress("Downloading the model");
  try {
    return await resolveModel({
      source,
      modelsDir: join(dataDir, "models"),
      onProgress: ({ downloadedBytes, totalBytes }) => showDownload(downloadedBytes / totalBytes),
      signal,
    });
  } catch (error) {
    // The model was asked for here and not by a setting: this is no status 78.
    if (!(error instanceof FamiliarError) || error.code !== "model-invalid") throw error;
    await print(`${error.message}\n`, process.stderr);
    return undefined;
  }
}

/** The model that is asked for stands in for MODEL, which may be wrong or not there yet. */
function readConfig(): Config {
  readDotenv({ quiet: true });
  return parseConfig({ ...process.env, MODEL: "" });
}

/** Resolves when the text is out, so that the process may end. */
function print(text: string, stream: NodeJS.WriteStream = process.stdout): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error instanceof Error ? reject(error) : resolve()));
  });
}

await runToExit(run, listenForStop());
