import { fitOf } from "./asked-dates.ts";
import type { AskedDates } from "./asked-dates.ts";
import type { Candidate } from "./rank-matches.ts";
import type { Glance } from "./recall-store.ts";

export interface Rank {
  readonly position: number;
  readonly score: number;
  readonly coverage: number;
  readonly likeness: number;
}

// Fitted together with those of rank-matches.ts.
/** Of the words of the turn before: where it asks something, and where it does not. */
const ANSWER_WEIGHT = 0.26;
const SEQUEL_WEIGHT = -0.04;
const SPEAKER_WEIGHT = 1.38;
const LENGTH_WEIGHT = 0.74;
const QUESTION_WEIGHT = -0.66;
const DATE_WEIGHT = 4.5;

interface Looked {
  readonly candidates: readonly Candidate[];
  /** Of the candidates and the turns before them. */
  readonly glances: readonly Glance[];
  readonly dates: AskedDates;
}

/** The candidates that are still there, the best first; of equal ones, the newer. */
export function rankTurns({ candidates, dates, glances }: Looked): readonly Rank[] {
  const seen = new Map(glances.map((glance) => [glance.position, glance]));
  return candidates
    .flatMap((candidate) => {
      const { coverage, likeness, position } = candidate;
      const glance = seen.get(position);
      if (glance?.stretch !== candidate.stretch) return [];
      const isAnswer = seen.get(position - 1)?.hasQuestion === true;
      const score =
        candidate.score +
        (isAnswer ? ANSWER_WEIGHT : SEQUEL_WEIGHT) * candidate.previous +
        scoreGlance(glance) +
        DATE_WEIGHT * fitOf(dates, glance.saidAt);
      return [{ position, score, coverage, likeness }];
    })
    .toSorted((one, other) => other.score - one.score || other.position - one.position);
}

/** Long turns tell more than short ones, and who asks tells least. */
function scoreGlance({ endsWithQuestion, isNamed, words }: Glance): number {
  return (
    LENGTH_WEIGHT * Math.log1p(words) +
    (isNamed ? SPEAKER_WEIGHT : 0) +
    (endsWithQuestion ? QUESTION_WEIGHT : 0)
  );
}
