import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PromptMessage } from "../src/chat/ports.ts";
import type { LlamaEngine } from "../src/inference/llama/llama-engine.ts";
import type { Aim, BenchOptions, BenchResult, Benchmark, Measure } from "./support/benchmark.ts";
import { provideBenchModels, toModelMeasure } from "./support/bench-models.ts";
import type { BenchModel } from "./support/bench-models.ts";
import { CONTEXT_TOKENS, describeEngine, openEngine, SAMPLING } from "./support/local-engine.ts";
import { createRandom } from "./support/random.ts";
import { openRawLlama } from "./support/raw-llama.ts";
import type { RawLlama } from "./support/raw-llama.ts";
import { Talk } from "./support/talk.ts";
import { timeReply } from "./support/timed-reply.ts";

const DEFAULT_ROUNDS = 7;
const TURNS = 29;
/** With questions and answers of this length, 29 turns make 1,500 tokens. */
const MESSAGE_TOKENS = 24;
/** What is new in a turn is the last answer, which this keeps short, and the next question. */
const SHORT_ANSWER = "Yes.";
const STATE_BYTES = 4 * 2 ** 30;
const KEPT_AIM: Aim = { kind: "at-most", bound: 1.1 };
const RESTORED_AIM: Aim = { kind: "at-most", bound: 1.3 };

export const returning: Benchmark = {
  name: "returning",
  question: "How soon does turn 30 of a conversation begin, wherever its first 29 are kept?",
  run: measureReturning,
};

async function measureReturning(options: BenchOptions): Promise<BenchResult> {
  const { rounds = DEFAULT_ROUNDS, say } = options;
  const measures: Measure[] = [];
  const settings: Record<string, string | number> = {};
  for (const model of await provideBenchModels(options)) {
    say(`Measuring ${model.title} ...`);
    await using setup = await openSetup(options, model);
    const measured = await measureRounds(setup, { ...options, rounds });
    measures.push(...toMeasures(model, measured));
    settings[`model${model.suffix}`] = model.title;
    settings[`historyTokens${model.suffix}`] = measured[0]?.historyTokens ?? 0;
    settings[`newTokens${model.suffix}`] = measured[0]?.newTokens ?? 0;
    Object.assign(settings, describeEngine(setup.slots));
  }
  return { settings: { ...settings, rounds, turns: TURNS }, measures, remarks: [REMARK] };
}

const REMARK =
  "Each ratio compares the time to the first token with that of plain node-llama-cpp for the new tokens alone, all others evaluated before. From memory and from disk: another conversation of the same length has had the only slot meanwhile, so saving that one and restoring this one are in the time. Trimmed: the oldest question and answer have left the window in every round.";

interface Setup extends AsyncDisposable {
  readonly raw: RawLlama;
  /** Keeps what it has evaluated in its slots alone. */
  readonly slots: LlamaEngine;
  /** One slot, so that every other conversation takes it. */
  readonly memory: LlamaEngine;
  readonly disk: LlamaEngine;
}

async function openSetup({ signal, threads }: BenchOptions, { path }: BenchModel): Promise<Setup> {
  const folder = await mkdtemp(join(tmpdir(), "familiar-returning-"));
  const resources: AsyncDisposable[] = [];
  const close = async (): Promise<void> => {
    for (const resource of resources.toReversed()) await resource[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  };
  const keep = <Resource extends AsyncDisposable>(resource: Resource): Resource => {
    resources.push(resource);
    return resource;
  };
  const states = (name: string, memoryBytes: number) => ({
    states: { directory: join(folder, name), maxBytes: STATE_BYTES, memoryBytes },
  });
  try {
    const model = { modelPath: path, threads, signal };
    const single = { ...model, parallelConversations: 1 };
    const raw = { modelPath: path, threads, contextTokens: CONTEXT_TOKENS };
    return {
      raw: keep(await openRawLlama(raw)),
      slots: keep(await openEngine({ ...model, parallelConversations: 2 })),
      memory: keep(await openEngine({ ...single, ...states("memory", STATE_BYTES) })),
      disk: keep(await openEngine({ ...single, ...states("disk", 0) })),
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Round {
  readonly rawMs: number;
  readonly keptMs: number;
  readonly memoryMs: number;
  readonly diskMs: number;
  readonly trimMs: number;
  readonly historyTokens: number;
  readonly newTokens: number;
}

type RoundsOptions = Pick<BenchOptions, "say" | "signal"> & { readonly rounds: number };

const KEPT_ID = 1;
const TRIMMED_ID = 2;
const OTHER_ID = 3;

async function measureRounds(
  setup: Setup,
  { rounds, say, signal }: RoundsOptions,
): Promise<readonly Round[]> {
  const talk = await startTalk(setup.slots, "Ada");
  const other = await startTalk(setup.slots, "Grace");
  const measured: Round[] = [];
  let before = setup.raw.toPrompt(talk.messages());
  await takeTurns(setup, { talk, other, droppedTurns: 0, signal });
  for (let round = 0; round <= rounds; round += 1) {
    signal.throwIfAborted();
    await talk.goOn(SHORT_ANSWER);
    await other.goOn(SHORT_ANSWER);
    const prompt = setup.raw.toPrompt(talk.messages());
    const historyTokens = countCommon(before, prompt);
    before = prompt;
    const run = { prompt, reusedTokens: historyTokens, tokens: 1, sampling: SAMPLING };
    const rawMs = await setup.raw.write(run);
    const times = await takeTurns(setup, { talk, other, droppedTurns: 2 * (round + 1), signal });
    const newTokens = prompt.length - historyTokens;
    say(describeRound(round, { rawMs, ...times }));
    // The first one warms up.
    if (round > 0) measured.push({ rawMs, ...times, historyTokens, newTokens });
  }
  return measured;
}

async function startTalk(counter: LlamaEngine, name: string): Promise<Talk> {
  const random = createRandom(name.length);
  const talk = new Talk({ counter, name, messageTokens: MESSAGE_TOKENS, random });
  await talk.hear();
  for (let turn = 1; turn < TURNS; turn += 1) await talk.goOn();
  return talk;
}

function countCommon(one: readonly number[], other: readonly number[]): number {
  const differsAt = one.findIndex((token, index) => token !== other[index]);
  return differsAt === -1 ? one.length : differsAt;
}

interface Turn {
  readonly talk: Talk;
  readonly other: Talk;
  readonly droppedTurns: number;
  readonly signal: AbortSignal;
}

async function takeTurns({ disk, memory, slots }: Setup, turn: Turn) {
  const { droppedTurns, other, signal, talk } = turn;
  const ask = async (
    engine: LlamaEngine,
    conversationId: number,
    messages: readonly PromptMessage[],
    isTrimmed = false,
  ): Promise<number> => {
    const request = { conversationId, messages, isTrimmed, maxTokens: 1, signal };
    return (await timeReply(engine, request)).usage.firstTokenMs;
  };
  const trimmed = talk.messages(droppedTurns);
  const keptMs = await ask(slots, KEPT_ID, talk.messages());
  const trimMs = await ask(slots, TRIMMED_ID, trimmed, droppedTurns > 0);
  const memoryMs = await ask(memory, KEPT_ID, talk.messages());
  const diskMs = await ask(disk, KEPT_ID, talk.messages());
  for (const engine of [memory, disk]) await ask(engine, OTHER_ID, other.messages());
  return { keptMs, trimMs, memoryMs, diskMs };
}

type Times = Pick<Round, "rawMs" | "keptMs" | "memoryMs" | "diskMs" | "trimMs">;

function describeRound(round: number, times: Times): string {
  const texts = Object.entries(times).map(
    ([name, ms]: [string, number]) => `${name} ${ms.toFixed(0)}`,
  );
  return `${round === 0 ? "Warm-up" : `Round ${round}`}: ${texts.join(", ")}`;
}

function toMeasures(model: BenchModel, rounds: readonly Round[]): readonly Measure[] {
  const ratio = (name: string, timeName: keyof Times, aim: Aim): Measure => {
    const samples = rounds.map((round) => round[timeName] / round.rawMs);
    return toModelMeasure(model, { name, samples, aim });
  };
  const time = (name: string, timeName: keyof Times): Measure =>
    toModelMeasure(model, { name, samples: rounds.map((round) => round[timeName]) });
  return [
    ratio("keptRatio", "keptMs", KEPT_AIM),
    ratio("memoryRatio", "memoryMs", RESTORED_AIM),
    ratio("diskRatio", "diskMs", RESTORED_AIM),
    ratio("trimRatio", "trimMs", RESTORED_AIM),
    time("rawMs", "rawMs"),
    time("keptMs", "keptMs"),
    time("memoryMs", "memoryMs"),
    time("diskMs", "diskMs"),
    time("trimMs", "trimMs"),
  ];
}
