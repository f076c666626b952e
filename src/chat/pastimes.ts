import { Learner } from "./learning/learner.ts";
import type { LearnerDependencies } from "./learning/learner.ts";
import { createSummariser } from "./memory/summariser.ts";
import type { Summariser } from "./memory/summariser.ts";
import type { AnswerSettings } from "./reply/answer.ts";
import type { FamiliarDependencies } from "./familiar-dependencies.ts";

/** What is done while nobody asks. */
export interface Pastimes {
  /** Undefined where nothing is summarised. */
  readonly summariser: Summariser | undefined;
  /** Undefined where nothing is learned. */
  readonly learner: Learner | undefined;
  /** Takes up what was left to do when the process ended. */
  start(): Promise<void>;
  /** Resolves when what is being done has stopped. */
  close(): Promise<void>;
}

interface PastimeOptions extends Pick<LearnerDependencies, "line" | "watchdog"> {
  readonly settings: Pick<AnswerSettings, "learningPauseMs" | "quietMs">;
}

export function createPastimes(
  given: FamiliarDependencies,
  { line, settings, watchdog }: PastimeOptions,
): Pastimes {
  const { learning, proposals } = given;
  const { learningPauseMs: pauseMs, quietMs } = settings;
  const how = { line, quietMs, watchdog };
  const summariser = createSummariser(given, how);
  const learner =
    learning === undefined || proposals === undefined
      ? undefined
      : new Learner({ ...given, ...how, pauseMs, learning, proposals });
  return {
    summariser,
    learner,
    async start() {
      await summariser?.noteDue();
      await learner?.start();
    },
    async close() {
      await Promise.all([summariser?.close(), learner?.close()]);
    },
  };
}
