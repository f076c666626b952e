import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { recall as recallTurns } from "../src/chat/memory/recall.ts";
import type { Database } from "../src/store/database.ts";
import { createStore } from "../src/store/open-store.ts";
import type { Store } from "../src/store/open-store.ts";
import { openPgliteDatabase } from "../src/store/pglite-database.ts";
import type { BenchOptions, BenchResult, Benchmark, Measure } from "./support/benchmark.ts";
import { fillLocomo, loadLocomo } from "./support/locomo.ts";
import type { LocomoConversation } from "./support/locomo.ts";

/** How many turns are found; what is to be beaten: DRAGON over single turns, LoCoMo's table 3. */
const AIMS = [
  [5, 70],
  [10, 80],
  [25, 88],
  [50, 92],
] as const;
const MOST = 50;

export const recall: Benchmark = {
  name: "recall",
  question: "Are the turns found again that hold the answer to a question?",
  run: measureRecall,
};

interface AskedQuestion {
  readonly kind: string;
  /** The share of its evidence among the first k, for each of the aims. */
  readonly shares: readonly number[];
}

async function measureRecall({ locomoDir, say, signal }: BenchOptions): Promise<BenchResult> {
  const conversations = await loadLocomo(locomoDir);
  const folder = await mkdtemp(join(tmpdir(), "familiar-recall-"));
  const database = await openPgliteDatabase(folder, signal);
  const store = createStore(database);
  try {
    const asked: AskedQuestion[] = [];
    for (const conversation of conversations) {
      say(`Asking about ${conversation.id} ...`);
      asked.push(...(await askAll({ database, store, signal }, conversation)));
    }
    return toResult(asked, conversations);
  } finally {
    await store[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Asking {
  readonly database: Database;
  readonly store: Store;
  readonly signal: AbortSignal;
}

async function askAll(
  { database, signal, store }: Asking,
  conversation: LocomoConversation,
): Promise<AskedQuestion[]> {
  const { conversationId, positions } = await fillLocomo(database, store, conversation);
  const before = positions.size;
  while (await store.recall.index(conversationId, before)) signal.throwIfAborted();
  const asked: AskedQuestion[] = [];
  for (const { evidence, kind, question } of conversation.questions) {
    signal.throwIfAborted();
    const query = { conversationId, text: question, before, limit: MOST };
    const found = (await recallTurns(store.recall, query)).map(({ position }) => position);
    const wanted = new Set(evidence);
    const shares = AIMS.map(([first]) => {
      const held = new Set(found.slice(0, first));
      const hits = [...wanted].filter((id) => held.has(positions.get(id) ?? -1));
      return hits.length / wanted.size;
    });
    asked.push({ kind, shares });
  }
  return asked;
}

function toResult(
  asked: readonly AskedQuestion[],
  conversations: readonly LocomoConversation[],
): BenchResult {
  const kinds = [...new Set(asked.map(({ kind }) => kind))].toSorted();
  return {
    settings: {
      store: "PGlite",
      conversations: conversations.length,
      questions: asked.length,
    },
    measures: [
      ...toMeasures(asked),
      ...kinds.flatMap((kind) =>
        toMeasures(
          asked.filter((each) => each.kind === kind),
          kind,
        ),
      ),
    ],
    remarks: [
      "Mean share, in percent, of the turns that hold an answer among the first k that are found.",
    ],
  };
}

function toMeasures(asked: readonly AskedQuestion[], kind?: string): Measure[] {
  return AIMS.map(([first, bound], index) => {
    const sum = asked.reduce((total, { shares }) => total + (shares[index] ?? 0), 0);
    const value = (100 * sum) / asked.length;
    if (kind !== undefined) return { name: `${kind}At${first}`, value };
    return { name: `recallAt${first}`, value, aim: { kind: "at-least", bound } };
  });
}
