import type { LlamaEngine } from "../src/inference/llama/llama-engine.ts";
import type { PromptMessage } from "../src/chat/ports.ts";
import type { Aim, BenchOptions, BenchResult, Benchmark, Measure } from "./support/benchmark.ts";
import { provideBenchModels, toModelMeasure } from "./support/bench-models.ts";
import type { BenchModel } from "./support/bench-models.ts";
import { askForStory, writeMessage } from "./support/bench-texts.ts";
import { EndedEarly, startLiveStreams } from "./support/live-streams.ts";
import { CONTEXT_TOKENS, describeEngine, openEngine } from "./support/local-engine.ts";
import { createRandom } from "./support/random.ts";
import { toMedian } from "./support/statistics.ts";
import { timeReply } from "./support/timed-reply.ts";

const DEFAULT_ROUNDS = 5;
const CURVE_ROUNDS = 3;
const CURVE = [32, 64, 128, 256, 512] as const;
const LIVE_STREAMS = 4;
const PROMPT_TOKENS = 1_500;
/** So that nothing of their beginning falls into what is measured. */
const LIVE_PIECES_BEFORE = 4;
const ATTEMPTS = 10;
const LIVE_TOKENS = CONTEXT_TOKENS - 64;
const GAP_AIM: Aim = { kind: "at-most", bound: 1.5 };
const FIRST_TOKEN_AIM: Aim = { kind: "at-most", bound: 1.3 };

export const newcomer: Benchmark = {
  name: "newcomer",
  question: "Does a long prompt hold up those who are already being answered?",
  run: measureNewcomer,
};

async function measureNewcomer(options: BenchOptions): Promise<BenchResult> {
  const { hasCurve, rounds = DEFAULT_ROUNDS, say } = options;
  const measures: Measure[] = [];
  const points: string[] = [];
  const settings: Record<string, string | number> = {};
  for (const model of await provideBenchModels(options)) {
    say(`Measuring ${model.title} ...`);
    await using engine = await open(options, model);
    measures.push(...toMeasures(model, await measureRounds(engine, { ...options, rounds })));
    settings[`model${model.suffix}`] = model.title;
    Object.assign(settings, describeEngine(engine));
  }
  for (const model of hasCurve ? await provideBenchModels(options) : []) {
    for (const promptTokensPerStep of CURVE) {
      say(`Measuring ${model.title} with ${promptTokensPerStep} tokens of a prompt a step ...`);
      await using engine = await open(options, model, promptTokensPerStep);
      const curveRounds = Math.min(rounds, CURVE_ROUNDS);
      const measured = await measureRounds(engine, { ...options, rounds: curveRounds });
      measures.push(...toMeasures(model, measured, `At${promptTokensPerStep}`));
      points.push(`${model.title}, ${promptTokensPerStep} a step: ${describeMedians(measured)}`);
    }
  }
  return {
    settings: { ...settings, rounds, liveStreams: LIVE_STREAMS, promptTokens: PROMPT_TOKENS },
    measures,
    remarks: [REMARK, ...points],
  };
}

const REMARK =
  "longestGapMs is the longest wait of any live stream for its next token from the newcomer's arrival to its first token; stepMs the median wait meanwhile, a step with its piece of the prompt. ttftRatio compares the newcomer's first token with that of a prompt of the same length which is alone.";

function open({ signal, threads }: BenchOptions, model: BenchModel, promptTokensPerStep?: number) {
  return openEngine({
    modelPath: model.path,
    parallelConversations: LIVE_STREAMS + 1,
    threads,
    signal,
    ...(promptTokensPerStep === undefined ? {} : { promptTokensPerStep }),
  });
}

interface Round {
  readonly longestGapMs: number;
  readonly stepMs: number;
  readonly aloneMs: number;
  readonly arrivingMs: number;
}

type RoundsOptions = Pick<BenchOptions, "say" | "signal"> & { readonly rounds: number };

async function measureRounds(
  engine: LlamaEngine,
  { rounds, say, signal }: RoundsOptions,
): Promise<readonly Round[]> {
  const measured: Round[] = [];
  const visit = createVisits(engine, signal);
  await visit.warmUp();
  for (let round = 0; round < rounds; round += 1) {
    signal.throwIfAborted();
    const isReversed = round % 2 === 1;
    const before = isReversed ? undefined : await visit.alone();
    const arrival = await visitLiving(visit);
    const result = { ...arrival, aloneMs: before ?? (await visit.alone()) };
    measured.push(result);
    say(`Round ${round + 1} of ${rounds}: ${describeMedians([result])}`);
  }
  return measured;
}

/** A trained model may come to an end too soon; its next stories are others. */
async function visitLiving(visit: ReturnType<typeof createVisits>) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await visit.amongOthers();
    } catch (error) {
      if (!(error instanceof EndedEarly) || attempt === ATTEMPTS) throw error;
    }
  }
}

function createVisits(engine: LlamaEngine, signal: AbortSignal) {
  let conversationId = 0;
  const ask = (messages: readonly PromptMessage[], maxTokens: number) => {
    conversationId += 1;
    return { conversationId, messages, maxTokens, signal };
  };
  const visit = async (prompt: PromptMessage): Promise<number> => {
    const { usage } = await timeReply(engine, ask([prompt], 1));
    if (usage.reusedTokens > usage.promptTokens / 10) throw new Error("The prompt was known");
    return usage.firstTokenMs;
  };
  return {
    warmUp: () => timeReply(engine, ask([askForStory(0)], LIVE_PIECES_BEFORE)),
    alone: async () => await visit(await writePrompt(engine, conversationId)),
    async amongOthers() {
      const requests = Array.from({ length: LIVE_STREAMS }, (_, index) =>
        ask([askForStory(conversationId + index)], LIVE_TOKENS),
      );
      const prompt = await writePrompt(engine, conversationId);
      await using live = startLiveStreams(engine, requests);
      await live.more(LIVE_PIECES_BEFORE);
      const from = performance.now();
      const arrivingMs = await visit(prompt);
      const to = performance.now();
      await live.more(1);
      const gaps = live.pieceAt.flatMap((pieceAt) => toGaps(pieceAt, from, to));
      return { longestGapMs: Math.max(...gaps), stepMs: toMedian(gaps), arrivingMs };
    },
  };
}

/** Unlike all others from its first word on. */
function writePrompt(engine: LlamaEngine, number: number): Promise<PromptMessage> {
  const opening = `${number} is my number.`;
  const spec = { role: "user", tokens: PROMPT_TOKENS, opening } as const;
  return writeMessage(engine, spec, createRandom(number));
}

/** The waits of which at least a part lies within. */
function toGaps(pieceAt: readonly number[], from: number, to: number): number[] {
  return pieceAt.flatMap((at, index) => {
    const before = pieceAt[index - 1];
    return before === undefined || at < from || before > to ? [] : [at - before];
  });
}

/** `point` names a point of the curve, where no aim holds. */
function toMeasures(model: BenchModel, rounds: readonly Round[], point = ""): readonly Measure[] {
  const figure = (name: string, toSample: (round: Round) => number, aim?: Aim): Measure =>
    toModelMeasure(model, {
      name: name + point,
      samples: rounds.map(toSample),
      ...(aim === undefined || point !== "" ? {} : { aim }),
    });
  return [
    figure("gapRatio", (round) => round.longestGapMs / round.stepMs, GAP_AIM),
    figure("ttftRatio", (round) => round.arrivingMs / round.aloneMs, FIRST_TOKEN_AIM),
    figure("longestGapMs", (round) => round.longestGapMs),
    figure("stepMs", (round) => round.stepMs),
    figure("ttftMs", (round) => round.arrivingMs),
    figure("ttftAloneMs", (round) => round.aloneMs),
  ];
}

function describeMedians(rounds: readonly Round[]): string {
  const median = (toSample: (round: Round) => number): number => toMedian(rounds.map(toSample));
  const gap = median(({ longestGapMs }) => longestGapMs).toFixed(0);
  const step = median(({ stepMs }) => stepMs).toFixed(0);
  const ratio = median(({ aloneMs, arrivingMs }) => arrivingMs / aloneMs).toFixed(2);
  return `longest gap ${gap} ms, step ${step} ms, first token after ${ratio} of the time alone`;
}
