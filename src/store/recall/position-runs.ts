/** Positions that are followed by others: one look along an index finds them all. */
export interface PositionRun {
  readonly first: number;
  readonly last: number;
}

/** Reading over so many turns that nobody asked for is cheaper than another look. */
const MAX_SKIPPED = 3;

/** Runs, the lowest first, that hold all of the positions, and some between them. */
export function toRuns(positions: readonly number[]): readonly PositionRun[] {
  const runs: PositionRun[] = [];
  for (const position of positions.toSorted((one, other) => one - other)) {
    const run = runs.at(-1);
    if (run === undefined || position - run.last > MAX_SKIPPED + 1) {
      runs.push({ first: position, last: position });
    } else {
      runs[runs.length - 1] = { first: run.first, last: position };
    }
  }
  return runs;
}
