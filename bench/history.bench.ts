import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SettingsLibrary } from "../src/chat/settings/settings-library.ts";
import type { Engine } from "../src/chat/ports.ts";
import { createLlamaEngine } from "../src/inference/llama/llama-engine.ts";
import { createStore } from "../src/store/open-store.ts";
import { openPgliteDatabase } from "../src/store/pglite-database.ts";
import { DEMO_MODEL } from "./support/bench-models.ts";
import { ANSWER_SETTINGS } from "./support/answer-settings.ts";
import type { BenchOptions, BenchResult, Benchmark } from "./support/benchmark.ts";
import { fillHistory, toBenchMessage } from "./support/fill-history.ts";
import { createBlindSurface } from "./support/offline-discord.ts";
import { createOfflineFamiliar } from "./support/offline-familiar.ts";
import { createQueryCount } from "./support/query-count.ts";
import type { CountedQuery, QueryCount } from "./support/query-count.ts";
import { toMeasure, toMedian } from "./support/statistics.ts";

const STORED_TURNS = [10, 1_000, 100_000] as const;
const DEFAULT_ROUNDS = 100;
const WARM_UP_ROUNDS = 20;
const ROUNDS_AT_ONCE = 20;
const CONTEXT_TOKENS = 4_096;
/** From the first length that fills the window to the greatest. */
const MAX_GROWTH = 1.25;
/** More turns than the window holds. */
const IN_VIEW = 200;

export const history: Benchmark = {
  name: "history",
  question: "Does a message cost more when the history behind it is long?",
  run: measureHistory,
};

async function measureHistory(options: BenchOptions): Promise<BenchResult> {
  const { rounds = DEFAULT_ROUNDS, say, signal } = options;
  const counter = await createLlamaEngine({
    modelPath: DEMO_MODEL,
    chatTemplate: "chatml",
    contextTokens: undefined,
    gpu: "off",
    threads: 1,
    parallelConversations: 1,
    signal,
  });
  await using _counter = counter;
  const cases: HistoryCase[] = [];
  try {
    for (const storedTurns of STORED_TURNS) {
      say(`Filling a history of ${storedTurns} turns ...`);
      cases.push(await openCase(counter, { storedTurns, rounds: rounds + WARM_UP_ROUNDS, signal }));
    }
    say(`Measuring ${rounds} messages in each ...`);
    return toResult(cases, await measureAll(cases, rounds, signal), rounds);
  } finally {
    for (const each of cases) await each[Symbol.asyncDispose]();
  }
}

interface HeardMessage {
  readonly ms: number;
  readonly promptMessages: number;
  /** Until the engine starts. */
  readonly queries: readonly CountedQuery[];
  /** Storing the reply included. */
  readonly queriesWithReply: number;
}

interface HistoryCase extends AsyncDisposable {
  readonly storedTurns: number;
  readonly hear: (round: number) => Promise<HeardMessage>;
}

interface CaseOptions {
  readonly storedTurns: number;
  readonly rounds: number;
  readonly signal: AbortSignal;
}

/** A database of its own, so that nothing but the case's own history is in it. */
async function openCase(counter: Engine, options: CaseOptions): Promise<HistoryCase> {
  const { rounds, signal, storedTurns } = options;
  const folder = await mkdtemp(join(tmpdir(), "familiar-history-"));
  const database = await openPgliteDatabase(folder, signal);
  // A short history is one message old after one message: each round has a place of its own.
  const places = storedTurns < rounds ? rounds : 1;
  await fillHistory(database, { places, turnsInEach: storedTurns, counter });
  const queryCount = createQueryCount(database);
  const store = createStore(queryCount.database);
  if (places === 1) await indexOldTurns(store, storedTurns - IN_VIEW);
  return {
    storedTurns,
    hear: (round) => {
      const message = toBenchMessage(round % places, round);
      return hear({ counter, store, queryCount }, message);
    },
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** As idle time would have. */
async function indexOldTurns(store: CaseParts["store"], before: number): Promise<void> {
  const conversation = await store.conversations.find(toBenchMessage(0, 0).place.id);
  if (conversation === undefined) throw new Error("There is no conversation");
  while (await store.recall.index(conversation.id, before));
}

/** One message, from its arrival to its reply stored. */
async function hear(
  { counter, queryCount, store }: CaseParts,
  message: ReturnType<typeof toBenchMessage>,
): Promise<HeardMessage> {
  let onStart: (start: EngineStart) => void = () => {};
  const started = new Promise<EngineStart>((resolve) => {
    onStart = resolve;
  });
  const engine = createStandIn(counter, (promptMessages) =>
    onStart({ at: performance.now(), promptMessages, queries: queryCount.taken() }),
  );
  const library = new SettingsLibrary(store.settings);
  // What is measured ends where the engine starts.
  const surface = createBlindSurface();
  const settings = ANSWER_SETTINGS;
  const familiar = createOfflineFamiliar({ engine, library, settings, store, surface });
  // A bot that runs knows them already.
  await library.effective(message.place);
  queryCount.reset();
  const arrivedAt = performance.now();
  await familiar.hear(message);
  const { at, promptMessages, queries } = await started;
  await familiar.close(new AbortController().signal);
  const queriesWithReply = queryCount.taken().length;
  return { ms: at - arrivedAt, promptMessages, queries, queriesWithReply };
}

interface CaseParts {
  readonly counter: Engine;
  readonly queryCount: QueryCount;
  readonly store: ReturnType<typeof createStore>;
}

interface EngineStart {
  readonly at: number;
  readonly promptMessages: number;
  readonly queries: readonly CountedQuery[];
}

/** Counts with a real tokenizer, in a context of usual size, and answers at once. */
function createStandIn(counter: Engine, onStart: (promptMessages: number) => void): Engine {
  return {
    modelName: counter.modelName,
    countBasis: counter.countBasis,
    contextTokens: CONTEXT_TOKENS,
    overheadTokens: counter.overheadTokens,
    parallelReplies: 1,
    countTokens: (message) => counter.countTokens(message),
    forget: async () => {},
    async *generate({ messages }) {
      onStart(messages.length);
      const usage = { promptTokens: 0, reusedTokens: 0, replyTokens: 1 };
      yield { type: "text-delta", text: "That is good to know." };
      yield { type: "end", reason: "stop", usage: { ...usage, firstTokenMs: 0, totalMs: 0 } };
    },
  };
}

/**
 * In turns, so that whatever else the machine does falls on all cases alike; several messages each
 * time, since the first ones after another database's find the processor's caches full of that.
 */
async function measureAll(
  cases: readonly HistoryCase[],
  rounds: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, readonly HeardMessage[]>> {
  const heard = new Map(cases.map(({ storedTurns }) => [storedTurns, new Array<HeardMessage>()]));
  for (let first = 0; first < WARM_UP_ROUNDS + rounds; first += ROUNDS_AT_ONCE) {
    const end = Math.min(first + ROUNDS_AT_ONCE, WARM_UP_ROUNDS + rounds);
    for (const { hear: hearNext, storedTurns } of cases) {
      for (let round = first; round < end; round += 1) {
        signal.throwIfAborted();
        const message = await hearNext(round);
        if (round >= WARM_UP_ROUNDS) heard.get(storedTurns)?.push(message);
      }
    }
  }
  return heard;
}

function toResult(
  cases: readonly HistoryCase[],
  heard: ReadonlyMap<number, readonly HeardMessage[]>,
  rounds: number,
): BenchResult {
  const all = cases.map(({ storedTurns }) => ({
    storedTurns,
    messages: heard.get(storedTurns) ?? [],
  }));
  const aim = { kind: "at-most", bound: 10 } as const;
  const longest = all.at(-1)?.messages ?? [];
  const [, full, long] = all.map(({ messages }) => toMedian(messages.map(({ ms }) => ms)));
  const growth = (long ?? Number.NaN) / (full ?? Number.NaN);
  const everything = all.flatMap(({ messages }) => messages);
  return {
    settings: { store: "PGlite", messages: rounds, contextTokens: CONTEXT_TOKENS },
    measures: [
      ...all.map(({ messages, storedTurns }) =>
        toMeasure(
          `msAt${storedTurns}`,
          messages.map(({ ms }) => ms),
          aim,
        ),
      ),
      { name: "growthRatio", value: growth, aim: { kind: "at-most", bound: MAX_GROWTH } },
      toMeasure(
        "queriesPerMessage",
        everything.map(({ queries }) => queries.length),
      ),
      toMeasure(
        "queriesWithReply",
        everything.map(({ queriesWithReply }) => queriesWithReply),
      ),
      ...all.map(({ messages, storedTurns }) =>
        toMeasure(
          `promptMessagesAt${storedTurns}`,
          messages.map(({ promptMessages }) => promptMessages),
        ),
      ),
    ],
    remarks: [`Before the engine starts: ${describeQueries(longest)}.`],
  };
}

function describeQueries(messages: readonly HeardMessage[]): string {
  const usual = toMedian(messages.map(({ queries }) => queries.length));
  const operations = messages.find(({ queries }) => queries.length === usual)?.queries ?? [];
  return operations
    .map(({ operation }) => {
      const samples = messages.flatMap(({ queries }) =>
        queries.flatMap((query) => (query.operation === operation ? (query.ms ?? []) : [])),
      );
      return samples.length === 0 ? operation : `${operation} (${toMedian(samples).toFixed(1)} ms)`;
    })
    .join(", ");
}
