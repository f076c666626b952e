import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RowId } from "../src/chat/conversation.ts";
import type { Embedder } from "../src/chat/memory/embedder.ts";
import { recall as recallTurns } from "../src/chat/memory/recall.ts";
import { openOwnEmbedder } from "../src/inference/embedding/own-embedder.ts";
import type { Database } from "../src/store/database.ts";
import { createStore } from "../src/store/open-store.ts";
import type { Store } from "../src/store/open-store.ts";
import { openPgliteDatabase } from "../src/store/pglite-database.ts";
import type { BenchOptions, BenchResult, Benchmark, Measure } from "./support/benchmark.ts";
import { createPatientSearch, embedAll } from "./support/embed-all.ts";
import { fillLocomo, loadLocomo } from "./support/locomo.ts";
import type { LocomoConversation } from "./support/locomo.ts";
import { createRandomEmbedder } from "./support/random-embedder.ts";

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

/** The first is what is built without a model, and has the aims. */
const WAYS = ["", "noise", "embedded"] as const;
type Way = (typeof WAYS)[number];

interface AskedQuestion {
  readonly way: Way;
  readonly kind: string;
  /** The share of its evidence among the first k, for each of the aims. */
  readonly shares: readonly number[];
}

async function measureRecall(options: BenchOptions): Promise<BenchResult> {
  const { embeddingModel, locomoDir, say, signal } = options;
  const conversations = await loadLocomo(locomoDir);
  const folder = await mkdtemp(join(tmpdir(), "familiar-recall-"));
  const database = await openPgliteDatabase(folder, signal);
  const store = createStore(database);
  const own =
    embeddingModel === undefined
      ? undefined
      : await openOwnEmbedder({
          modelPath: embeddingModel,
          gpu: "auto",
          threads: options.threads,
          signal,
        });
  try {
    const asked: AskedQuestion[] = [];
    for (const conversation of conversations) {
      say(`Asking about ${conversation.id} ...`);
      const asking = { database, store, signal };
      asked.push(...(await askAll(asking, conversation, own?.embedder)));
    }
    return toResult(asked, conversations);
  } finally {
    await own?.[Symbol.asyncDispose]();
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
  embedder: Embedder | undefined,
): Promise<AskedQuestion[]> {
  const { conversationId, positions } = await fillLocomo(database, store, conversation);
  const before = positions.size;
  while (await store.recall.index(conversationId, before)) signal.throwIfAborted();
  const embedders: Readonly<Record<Way, Embedder | undefined>> = {
    "": undefined,
    noise: createRandomEmbedder(),
    embedded: embedder,
  };
  const asked: AskedQuestion[] = [];
  for (const way of WAYS) {
    if (way !== "" && embedders[way] === undefined) continue;
    const search = await prepareSearch({ store, signal }, conversationId, embedders[way]);
    for (const { evidence, kind, question } of conversation.questions) {
      signal.throwIfAborted();
      const query = { conversationId, text: question, before, limit: MOST };
      const found = await recallTurns(store.recall, query, search);
      const wanted = [...new Set(evidence)].map((id) => positions.get(id) ?? -1);
      asked.push({
        way,
        kind,
        shares: toShares(
          found.map(({ position }) => position),
          wanted,
        ),
      });
    }
  }
  return asked;
}

/** Undefined without an embedder: then words alone are looked for. */
async function prepareSearch(
  { signal, store }: Pick<Asking, "signal" | "store">,
  conversationId: RowId,
  embedder: Embedder | undefined,
) {
  if (embedder === undefined) return undefined;
  const { embeddings } = await store.openEmbeddings(embedder);
  await embedAll({ embedder, embeddings, signal }, conversationId);
  return createPatientSearch({ embedder, embeddings, signal });
}

function toShares(found: readonly number[], wanted: readonly number[]): readonly number[] {
  return AIMS.map(([first]) => {
    const held = new Set(found.slice(0, first));
    return wanted.filter((position) => held.has(position)).length / wanted.length;
  });
}

function toResult(
  asked: readonly AskedQuestion[],
  conversations: readonly LocomoConversation[],
): BenchResult {
  const kinds = [...new Set(asked.map(({ kind }) => kind))].toSorted();
  const plain = asked.filter(({ way }) => way === "");
  return {
    settings: {
      store: "PGlite",
      conversations: conversations.length,
      questions: plain.length,
    },
    measures: [
      ...toMeasures(plain),
      ...kinds.flatMap((kind) =>
        toMeasures(
          plain.filter((each) => each.kind === kind),
          kind,
        ),
      ),
      ...WAYS.slice(1).flatMap((way) =>
        toMeasures(
          asked.filter((each) => each.way === way),
          way,
        ),
      ),
    ],
    remarks: [
      "Mean share, in percent, of the turns that hold an answer among the first k that are found.",
      "noise: with embeddings that mean nothing; embedded: with those of EMBEDDING_MODEL.",
    ],
  };
}

function toMeasures(asked: readonly AskedQuestion[], kind?: string): Measure[] {
  if (asked.length === 0) return [];
  return AIMS.map(([first, bound], index) => {
    const sum = asked.reduce((total, { shares }) => total + (shares[index] ?? 0), 0);
    const value = (100 * sum) / asked.length;
    if (kind !== undefined) return { name: `${kind}At${first}`, value };
    return { name: `recallAt${first}`, value, aim: { kind: "at-least", bound } };
  });
}
