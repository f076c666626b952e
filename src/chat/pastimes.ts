import type { FamiliarDependencies } from "./familiar-dependencies.ts";
import { Learner } from "./learning/learner.ts";
import type { LearnerDependencies } from "./learning/learner.ts";
import { Recollector } from "./memory/recollection.ts";
import { createSummariser } from "./memory/summariser.ts";
import type { Summariser } from "./memory/summariser.ts";
import { createTurnEmbeddings } from "./memory/turn-embeddings.ts";
import type { TurnEmbeddings } from "./memory/turn-embeddings.ts";
import type { AnswerSettings } from "./reply/answer-ports.ts";
import type { ReplyLine } from "./reply/reply-line.ts";

/** What is done while nobody asks. */
export interface Pastimes {
  /** Undefined where there is no embedding model. */
  readonly embeddings: TurnEmbeddings | undefined;
  /** Undefined where nothing is recalled. */
  readonly recollection: Recollector | undefined;
  /** Undefined where nothing is summarised. */
  readonly summaries: Summariser | undefined;
  /** Undefined where nothing is learned. */
  readonly learner: Learner | undefined;
  /** Takes up what was left to do when the process ended. */
  start(): Promise<void>;
  /** Resolves when what is being done has stopped. */
  close(): Promise<void>;
}

interface PastimeOptions extends Pick<LearnerDependencies, "watchdog"> {
  readonly line: ReplyLine;
  readonly settings: Pick<AnswerSettings, "learningPauseMs" | "quietMs" | "recallTokens">;
}

export function createPastimes(
  given: FamiliarDependencies,
  { line, settings, watchdog }: PastimeOptions,
): Pastimes {
  const { learning, proposals, recall } = given;
  const { learningPauseMs: pauseMs, quietMs, recallTokens = 0 } = settings;
  const how = { line, quietMs, watchdog };
  const isRecalling = recall !== undefined && recallTokens > 0;
  const embeddings = isRecalling ? createTurnEmbeddings(given, how) : undefined;
  const recollection = isRecalling
    ? new Recollector({ ...given, ...how, embeddings, recall })
    : undefined;
  const summaries = createSummariser(given, how);
  const isLearning = learning !== undefined && proposals !== undefined;
  const learner = isLearning
    ? new Learner({ ...given, ...how, pauseMs, learning, proposals })
    : undefined;
  const all = [recollection, embeddings, summaries, learner];
  return {
    embeddings,
    recollection,
    summaries,
    learner,
    async start() {
      await recollection?.noteDue();
      await embeddings?.noteDue();
      await summaries?.noteDue();
      await learner?.start();
    },
    async close() {
      await Promise.all(all.map(async (each) => await each?.close()));
    },
  };
}
