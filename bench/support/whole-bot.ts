import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AnswerSettings } from "../../src/chat/reply/answer-ports.ts";
import { createRestOptions } from "../../src/discord/rest/rest-options.ts";
import { createLlamaEngine } from "../../src/inference/llama/llama-engine.ts";
import type { LlamaEngine } from "../../src/inference/llama/llama-engine.ts";
import { startPlayground } from "../../src/playground/playground.ts";
import { startBot } from "../../src/start-bot.ts";
import { openStore } from "../../src/store/open-store.ts";
import { clock } from "./answer-settings.ts";
import { connectPerson } from "./playground-person.ts";
import type { Person } from "./playground-person.ts";
import { quietLog } from "./quiet-log.ts";
import { watchEngine } from "./watched-engine.ts";
import type { EngineWatch } from "./watched-engine.ts";
import { watchRequests } from "./watched-requests.ts";
import type { RequestWatch } from "./watched-requests.ts";

export interface WholeBotOptions {
  readonly modelPath: string;
  readonly threads: number | undefined;
  readonly settings: AnswerSettings;
  readonly signal: AbortSignal;
}

/** All of Familiar in this process, and someone to talk to it. */
export interface WholeBot extends AsyncDisposable {
  readonly person: Person;
  readonly replies: EngineWatch;
  readonly requests: RequestWatch;
  readonly facts: LlamaEngine["facts"];
}

export async function startWholeBot(options: WholeBotOptions): Promise<WholeBot> {
  const resources: AsyncDisposable[] = [];
  const close = async (): Promise<void> => {
    for (const resource of resources.toReversed()) await resource[Symbol.asyncDispose]();
  };
  const keep = <Resource extends AsyncDisposable>(resource: Resource): Resource => {
    resources.push(resource);
    return resource;
  };
  try {
    const parts = await start(options, keep);
    return { ...parts, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

type Keep = <Resource extends AsyncDisposable>(resource: Resource) => Resource;

/** As the program's own composition root does it, with someone looking on. */
async function start({ modelPath, settings, signal, threads }: WholeBotOptions, keep: Keep) {
  const dataDir = await mkdtemp(join(tmpdir(), "familiar-reply-"));
  const remove = () => rm(dataDir, { recursive: true, force: true });
  keep({ [Symbol.asyncDispose]: remove });
  const playground = keep(await startPlayground({ port: 0, dataDir: join(dataDir, "playground") }));
  const store = keep(await openStore({ databaseUrl: undefined, dataDir, log: quietLog, signal }));
  const llama = keep(
    await createLlamaEngine({
      modelPath,
      chatTemplate: "auto",
      contextTokens: undefined,
      gpu: "auto",
      threads,
      signal,
    }),
  );
  const replies = watchEngine(llama);
  const requests = watchRequests(createRestOptions({ apiUrl: playground.apiUrl }));
  keep(
    await startBot({
      token: playground.botToken,
      rest: requests.rest,
      dependencies: { ...store, clock, engine: replies.engine, log: quietLog },
      settings: { ...settings, summaries: false, tellTime: true, timeZone: "UTC" },
      health: {
        database: store.description,
        model: llama.modelName,
        pingDatabase: () => store.ping(),
        pingModel: () => llama.ping(),
      },
      stop: signal,
    }),
  );
  const person = keep(await connectPerson(playground));
  return { person, replies, requests, facts: llama.facts };
}
