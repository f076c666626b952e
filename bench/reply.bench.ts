import { toNoticeText } from "../src/discord/texts/notices.ts";
import type { BenchOptions, BenchResult, Benchmark } from "./support/benchmark.ts";
import { ANSWER_SETTINGS } from "./support/answer-settings.ts";
import { SAMPLING } from "./support/local-engine.ts";
import { openRawLlama } from "./support/raw-llama.ts";
import type { RawLlama } from "./support/raw-llama.ts";
import { toMeasure } from "./support/statistics.ts";
import { provideSyntheticModel } from "./support/synthetic-model.ts";
import { startWholeBot } from "./support/whole-bot.ts";
import type { WholeBot } from "./support/whole-bot.ts";

const DEFAULT_ROUNDS = 7;
const CONTEXT_TOKENS = 4_096;

/** Long enough to need several edits; shorter where a round would take longer than this. */
const MOST_TOKENS = 128;
const LEAST_TOKENS = 32;
const REPLY_SECONDS = 10;
const TRIAL_TOKENS = 16;
const MAX_SECONDS_PER_TOKEN = 3;

const QUESTION =
  "tell me about the lighthouse at the end of the bay: who built it, who lives there now, and what one sees from the top of it on a clear day in winter.";

export const reply: Benchmark = {
  name: "reply",
  question: "How much of node-llama-cpp's own speed arrives in Discord, and how soon?",
  run: measureReply,
};

async function measureReply(options: BenchOptions): Promise<BenchResult> {
  const { cacheDir, rounds = DEFAULT_ROUNDS, say, signal, threads } = options;
  const modelPath = await provideSyntheticModel(cacheDir, say);
  await using raw = await openRawLlama({ modelPath, contextTokens: CONTEXT_TOKENS, threads });
  const tokens = options.tokens ?? (await chooseTokens(raw));
  say(`Starting the bot; replies will have ${tokens} tokens ...`);
  await using bot = await startWholeBot({
    modelPath,
    threads,
    settings: { ...ANSWER_SETTINGS, maxReplyTokens: tokens },
    signal,
  });
  const measured: Round[] = [];
  for (let number = 0; number <= rounds; number += 1) {
    signal.throwIfAborted();
    const round = await measureRound({ bot, raw, tokens, signal }, number);
    say(describeRound(number, round));
    // The first one warms up.
    if (number > 0) measured.push(round);
  }
  return toResult({ bot, measured, tokens });
}

async function chooseTokens(raw: RawLlama): Promise<number> {
  const prompt = raw.toPrompt([{ role: "user", text: QUESTION }]);
  const trial = { prompt, reusedTokens: prompt.length - 1, sampling: SAMPLING };
  await raw.write({ ...trial, tokens: TRIAL_TOKENS });
  const ms = await raw.write({ ...trial, tokens: TRIAL_TOKENS });
  const perSecond = (TRIAL_TOKENS * 1000) / ms;
  return Math.min(MOST_TOKENS, Math.max(LEAST_TOKENS, Math.floor(perSecond * REPLY_SECONDS)));
}

interface Setup {
  readonly bot: WholeBot;
  readonly raw: RawLlama;
  readonly tokens: number;
  readonly signal: AbortSignal;
}

interface Round {
  /** From the message's arrival at the server to the reply's last token. */
  readonly botTokensPerSecond: number;
  readonly rawTokensPerSecond: number;
  readonly toEngineMs: number;
  readonly firstTextMs: number;
  readonly finalEditMs: number;
  readonly promptTokens: number;
}

/** The bot's reply, then the same work once more without the bot. */
async function measureRound(setup: Setup, number: number): Promise<Round> {
  const { bot, raw, tokens } = setup;
  const { finalAt, firstSeenAt, saidAt } = await askBot(setup, number);
  const { askedAt, firstTokenAt, lastTokenAt, messages, reason, usage } = bot.replies.latest();
  if (reason !== "length") throw new Error(`The reply ended by itself: ${reason}`);
  const prompt = raw.toPrompt(messages);
  if (prompt.length !== usage.promptTokens) {
    throw new Error(`Prompts differ: ${usage.promptTokens} tokens, and ${prompt.length} raw`);
  }
  const { reusedTokens } = usage;
  const rawMs = await raw.write({ prompt, reusedTokens, tokens, sampling: SAMPLING });
  return {
    botTokensPerSecond: (usage.replyTokens * 1000) / (lastTokenAt - saidAt),
    rawTokensPerSecond: (tokens * 1000) / rawMs,
    toEngineMs: askedAt - saidAt,
    firstTextMs: firstSeenAt - firstTokenAt,
    finalEditMs: finalAt - lastTokenAt,
    promptTokens: usage.promptTokens,
  };
}

interface AskedBot {
  readonly saidAt: number;
  readonly firstSeenAt: number;
  readonly finalAt: number;
}

/** In a thread of its own, so that every round has a prompt of the same length. */
async function askBot({ bot, tokens, ...setup }: Setup, number: number): Promise<AskedBot> {
  const { person, requests } = bot;
  const timeout = AbortSignal.timeout(tokens * MAX_SECONDS_PER_TOKEN * 1000);
  const signal = AbortSignal.any([setup.signal, timeout]);
  const threadId = await person.openThread(`Round ${number}`);
  const notice = toNoticeText({ kind: "length", maxReplyTokens: tokens }).en;
  const seen = person.nextSeen(
    ({ authorId, channelId, content }) =>
      channelId === threadId && authorId === person.botUserId && content !== "",
    signal,
  );
  const final = requests.nextSent((content) => content.endsWith(notice), signal);
  const saidAt = performance.now();
  const said = person.say(threadId, `<@${person.botUserId}> Please (${number}) ${QUESTION}`);
  const [first, last] = await Promise.all([seen, final, said]);
  return { saidAt, firstSeenAt: first.at, finalAt: last.acknowledgedAt };
}

function describeRound(number: number, round: Round): string {
  const { botTokensPerSecond, finalEditMs, firstTextMs, rawTokensPerSecond } = round;
  const speeds = `${botTokensPerSecond.toFixed(1)} of ${rawTokensPerSecond.toFixed(1)} tokens/s`;
  const times = `first text ${firstTextMs.toFixed(0)} ms, final edit ${finalEditMs.toFixed(0)} ms`;
  return `${number === 0 ? "Warm-up" : `Round ${number}`}: ${speeds}, ${times}`;
}

interface Measured {
  readonly bot: WholeBot;
  readonly measured: readonly Round[];
  readonly tokens: number;
}

function toResult({ bot, measured, tokens }: Measured): BenchResult {
  const { contextTokens, device, gpuLayers, sequences, threads } = bot.facts;
  const sampled = (name: keyof Round): number[] => measured.map((round) => round[name]);
  const ratios = measured.map((round) => round.botTokensPerSecond / round.rawTokensPerSecond);
  const http429 = bot.requests.countRefused();
  return {
    settings: {
      model: "random weights, 1.1 B parameters, Q4_0",
      device,
      gpuLayers,
      threads,
      contextTokens,
      sequences,
      promptTokens: measured[0]?.promptTokens ?? 0,
      replyTokens: tokens,
      temperature: SAMPLING.temperature,
      topK: SAMPLING.topK,
    },
    measures: [
      toMeasure("throughputRatio", ratios, { kind: "at-least", bound: 0.95 }),
      toMeasure("botTokensPerSecond", sampled("botTokensPerSecond")),
      toMeasure("rawTokensPerSecond", sampled("rawTokensPerSecond")),
      toMeasure("toEngineMs", sampled("toEngineMs")),
      toMeasure("firstTextMs", sampled("firstTextMs")),
      toMeasure("finalEditMs", sampled("finalEditMs")),
      { name: "http429", value: http429, aim: { kind: "at-most", bound: 0 } },
    ],
    remarks: [
      "The bot's speed counts from the moment a person sends the message to the reply's last token; the raw one from the call to the last token, with the same prompt and as much of it evaluated before.",
    ],
  };
}
