import type { APIMessage } from "discord-api-types/v10";
import type { Embedder } from "../../src/chat/memory/embedder.ts";
import type { Engine } from "../../src/chat/ports.ts";
import { createRestOptions } from "../../src/discord/rest/rest-options.ts";
import { pause } from "../../src/discord/rest/pause.ts";
import type { Playground, PlaygroundOptions } from "../../src/playground/playground.ts";
import { startBot } from "../../src/start-bot.ts";
import type { Bot, BotSettings } from "../../src/start-bot.ts";
import type { Store } from "../../src/store/open-store.ts";
import { createTestDatabase } from "./database.ts";
import type { TestDatabase } from "./database.ts";
import { silentLog } from "./database-log.ts";
import { GREEDY } from "./model.ts";
import { connectPerson, startTestPlayground } from "./playground.ts";
import type { Person } from "./playground.ts";

const SETTINGS: BotSettings = {
  defaultSystemPrompt: "Be kind.",
  maxReplyTokens: 1_024,
  maxReplyParts: 10,
  replyTimeoutMs: 60_000,
  maxWaiting: 32,
  maxWaitingPerUser: 5,
  showThoughts: false,
  summaries: false,
  tellTime: false,
  timeZone: "UTC",
  sampling: GREEDY,
};

export interface TestBot extends AsyncDisposable {
  readonly playground: Playground;
  readonly database: TestDatabase;
  readonly store: Store;
  readonly bot: Bot;
  readonly ada: Person;
  readonly ben: Person;
  /** Stops the bot as a signal would; the playground and the database stay. */
  stop(): Promise<void>;
}

export interface TestBotOptions {
  readonly settings?: Partial<BotSettings>;
  readonly limits?: PlaygroundOptions["limits"];
  /** A second server, where the bot is no member. Default false. */
  readonly hasElsewhere?: boolean;
  /** What time it is, for the bot and in the playground. Default: what it is. */
  readonly date?: () => Date;
  /** Intents that Discord does not grant. */
  readonly deniedIntents?: number;
  /** Default: none. */
  readonly embedder?: Embedder;
}

/** The whole bot but for its engine: real sockets, a real Postgres, and two people. */
export async function startTestBot(
  engine: Engine,
  { date, deniedIntents, embedder, hasElsewhere = false, limits, settings }: TestBotOptions = {},
): Promise<TestBot> {
  const limited = limits === undefined ? {} : { limits };
  const timed = date === undefined ? {} : { now: () => date().getTime() };
  const playground = await startTestPlayground({ hasElsewhere, ...limited, ...timed });
  if (deniedIntents !== undefined) playground.faults.denyIntents(deniedIntents);
  const database = await createTestDatabase("PostgreSQL");
  const store = await database.open();
  const parts = { engine, playground, store, date, embedder };
  const started = await startOn(parts, settings);
  const [ada, ben] = await Promise.all([
    connectPerson(playground, "Ada"),
    connectPerson(playground, "Ben"),
  ]);
  return {
    playground,
    database,
    store,
    bot: started.bot,
    ada,
    ben,
    stop: started.stop,
    async [Symbol.asyncDispose]() {
      await started.stop();
      await Promise.all([ada[Symbol.asyncDispose](), ben[Symbol.asyncDispose]()]);
      await store[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
      await playground[Symbol.asyncDispose]();
    },
  };
}

export interface BotParts {
  readonly engine: Engine;
  readonly playground: Pick<Playground, "apiUrl" | "botToken">;
  readonly store: Store;
  readonly date?: (() => Date) | undefined;
  readonly embedder?: Embedder | undefined;
}

/** A bot on a playground and a store that are there already. */
export async function startOn(
  { date = () => new Date(), embedder, engine, playground, store }: BotParts,
  settings: Partial<BotSettings> = {},
) {
  const stopping = new AbortController();
  const opened = embedder && (await store.openEmbeddings(embedder));
  const bot = await startBot({
    token: playground.botToken,
    rest: createRestOptions({ apiUrl: playground.apiUrl }),
    dependencies: {
      ...store,
      embedding: embedder && opened && { embedder, embeddings: opened.embeddings },
      engine,
      log: silentLog,
      clock: { now: () => performance.now(), wait: (ms, signal) => pause(ms, signal), date },
    },
    settings: { ...SETTINGS, ...settings },
    health: {
      database: store.description,
      model: engine.modelName,
      pingDatabase: () => store.ping(),
      pingModel: () => Promise.resolve(1),
    },
    stop: stopping.signal,
  });
  const stop = async (): Promise<void> => {
    if (stopping.signal.aborted) return;
    stopping.abort(new Error("The test is over"));
    await bot[Symbol.asyncDispose]();
  };
  return { bot, stop };
}

/** Whether the bot posted it, as itself or through a webhook. */
export function isByBot({ session }: Person, { application_id: id, author }: APIMessage): boolean {
  return author.id === session.botUserId || id === session.applicationId;
}

/** The first state of a message of the bot that reads so. */
export async function waitForReply(person: Person, channelId: string, content: string | RegExp) {
  return await person.waitForMessage(
    (message) =>
      message.channel_id === channelId &&
      isByBot(person, message) &&
      (typeof content === "string" ? message.content === content : content.test(message.content)),
  );
}
