import type {
  CustomBatchingPrioritizationStrategy,
  LlamaContextSequence,
  Token,
} from "node-llama-cpp";
import { CONTEXT_TOKENS, SAMPLING } from "./local-engine.ts";
import { toRawSampling } from "./raw-llama.ts";
import type { RawModel } from "./raw-model.ts";
import { toTokensPerSecond } from "./timed-reply.ts";
import type { TimedStream } from "./timed-reply.ts";

export interface RawStreams {
  /** One a stream. */
  readonly prompts: readonly (readonly Token[])[];
  readonly tokens: number;
  /**
   * `loops`: a loop over `evaluate` for each, with the library's own batching. `lockstep`: all ask
   * for their next token in the same tick, and the items of a step stay in that order.
   */
  readonly advance: "loops" | "lockstep";
  readonly signal: AbortSignal;
}

/** Tokens a second of several streams of node-llama-cpp together, in sequences of their own. */
export async function runRawStreams(
  { model, threads }: RawModel,
  run: RawStreams,
): Promise<number> {
  const { advance, prompts } = run;
  const context = await model.createContext({
    contextSize: CONTEXT_TOKENS,
    sequences: prompts.length,
    threads,
    ...(advance === "lockstep" ? { batching: { itemPrioritizationStrategy: keepOrder } } : {}),
  });
  try {
    const sequences = prompts.map(() => context.getSequence());
    return toTokensPerSecond(await runs[advance](sequences, run));
  } finally {
    await context.dispose();
  }
}

const keepOrder: CustomBatchingPrioritizationStrategy = ({ items, size }) => {
  let left = size;
  return items.flatMap((item) => {
    const processAmount = Math.min(item.tokens.length, left);
    left -= processAmount;
    return processAmount === 0 ? [] : [{ item, processAmount }];
  });
};

type Run = (
  sequences: readonly LlamaContextSequence[],
  run: RawStreams,
) => Promise<readonly TimedStream[]>;

const runs: Readonly<Record<RawStreams["advance"], Run>> = {
  loops: async (sequences, { prompts, signal, tokens }) =>
    await Promise.all(
      sequences.map(async (sequence, index) => {
        const pieceAt: number[] = [];
        for await (const _token of start(sequence, prompts[index])) {
          signal.throwIfAborted();
          pieceAt.push(performance.now());
          if (pieceAt.length === tokens) break;
        }
        return { pieceAt, tokens: pieceAt.length };
      }),
    ),

  async lockstep(sequences, { prompts, signal, tokens }) {
    const streams = sequences.map((sequence, index) => start(sequence, prompts[index]));
    const pieceAt = streams.map(() => new Array<number>());
    for (let step = 0; step < tokens; step += 1) {
      signal.throwIfAborted();
      const results = await Promise.all(streams.map((stream) => stream.next()));
      // A model that stops by itself ends the run for all.
      if (results.some(({ done }) => done === true)) break;
      for (const times of pieceAt) times.push(performance.now());
    }
    await Promise.all(streams.map((stream) => stream.return()));
    return pieceAt.map((times) => ({ pieceAt: times, tokens: times.length }));
  },
};

function start(sequence: LlamaContextSequence, prompt: readonly Token[] = []) {
  return sequence.evaluate([...prompt], toRawSampling(SAMPLING));
}
