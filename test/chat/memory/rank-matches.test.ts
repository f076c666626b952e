import { array, assert, integer, property, record, uniqueArray } from "fast-check";
import { describe, expect, it } from "vitest";
import { rankMatches } from "../../../src/chat/memory/rank-matches.ts";
import type { Candidate } from "../../../src/chat/memory/rank-matches.ts";
import { rankTurns } from "../../../src/chat/memory/rank-turns.ts";
import type { Glance, MatchedTerm } from "../../../src/chat/memory/recall-store.ts";

const STRETCH = 20;

/** A word that is said at these positions; a stretch is twenty turns long. */
function termAt(word: number, positions: readonly number[]): MatchedTerm {
  const stretches = positions.map((position) => position - (position % STRETCH));
  return { word, positions, stretches, turns: positions.length };
}

function rank(terms: readonly MatchedTerm[], before = 1_000): readonly Candidate[] {
  return rankMatches({ terms, spoken: [], turns: 1_000, stretches: 50 }, { before, most: 250 });
}

function scoreAt(candidates: readonly Candidate[], position: number): number {
  return candidates.find((candidate) => candidate.position === position)?.score ?? 0;
}

describe("the words", () => {
  it("find nothing where there are none", () => {
    expect(rank([])).toEqual([]);
    expect(rank([termAt(1, [])])).toEqual([]);
  });

  it("count for more the rarer they are", () => {
    const common = Array.from({ length: 300 }, (_, index) => 200 + index);
    const ranked = rank([termAt(1, [7]), termAt(2, common)]);
    expect(ranked[0]?.position).toBe(7);
  });

  it("count for more together than apart", () => {
    const ranked = rank([termAt(1, [10, 110]), termAt(2, [10, 210])]);
    expect(ranked[0]?.position).toBe(10);
    expect(scoreAt(ranked, 110)).toBeLessThan(scoreAt(ranked, 10));
  });

  it("count once in whatever forms they are said", () => {
    const once = rank([termAt(1, [10])]);
    const twice = rank([termAt(1, [10]), { ...termAt(1, [10]), turns: 0 }]);
    expect(twice[0]).toEqual(once[0]);
  });

  it("count for the turns around, as far as the stretch goes", () => {
    const ranked = rank([termAt(1, [38])]);
    expect(scoreAt(ranked, 37)).toBeGreaterThan(0);
    expect(scoreAt(ranked, 38)).toBeGreaterThan(scoreAt(ranked, 37));
    expect(scoreAt(ranked, 19)).toBe(0);
  });

  it("cover a question as far as they are said in or near a turn", () => {
    const ranked = rank([termAt(1, [10]), termAt(2, [12]), termAt(3, [500])]);
    const near = ranked.find(({ position }) => position === 11);
    const far = ranked.find(({ position }) => position === 500);
    expect(near?.coverage).toBeCloseTo(2 / 3);
    expect(far?.coverage).toBeCloseTo(1 / 3);
  });
});

const anyTerms = array(
  record({
    word: integer({ min: 1, max: 50 }),
    positions: uniqueArray(integer({ min: 0, max: 999 }), { maxLength: 60 }),
  }),
  { maxLength: 50 },
);

it("ranks only turns before the position, each once, in order, with finite scores", () => {
  assert(
    property(anyTerms, integer({ min: 1, max: 1_000 }), (given, before) => {
      const ranked = rank(
        given.map(({ positions, word }) => termAt(word, positions)),
        before,
      );
      expect(new Set(ranked.map(({ position }) => position)).size).toBe(ranked.length);
      for (const { coverage, position, previous, score, stretch } of ranked) {
        expect(position).toBeLessThan(before);
        expect(position).toBeGreaterThanOrEqual(stretch);
        expect(score + previous).toBeGreaterThanOrEqual(0);
        expect(Number.isFinite(score + previous)).toBe(true);
        expect(coverage).toBeGreaterThanOrEqual(0);
        expect(coverage).toBeLessThanOrEqual(1 + 1e-9);
      }
    }),
  );
});

describe("looked at closely", () => {
  const dates = { months: new Set<number>(), years: new Set<number>(), days: new Set<number>() };

  function glanceAt(position: number, overrides: Partial<Glance> = {}): Glance {
    const plain = { isNamed: false, hasQuestion: false, endsWithQuestion: false };
    return { position, stretch: 0, saidAt: new Date(0), words: 5, ...plain, ...overrides };
  }

  function candidateAt(position: number, score: number): Candidate {
    return { position, stretch: 0, score, previous: 1, coverage: 1, likeness: 0 };
  }

  function order(...glances: readonly Glance[]): number[] {
    const candidates = [candidateAt(1, 5), candidateAt(3, 5)];
    return rankTurns({ candidates, glances, dates }).map(({ position }) => position);
  }

  it("turns that are gone, or of another stretch, are left out", () => {
    expect(order(glanceAt(3))).toEqual([3]);
    expect(order(glanceAt(1, { stretch: 1 }), glanceAt(3))).toEqual([3]);
  });

  it("of equal turns the newer is first", () => {
    expect(order(glanceAt(1), glanceAt(3))).toEqual([3, 1]);
  });

  it("who is named, answers or says more is first; who asks is last", () => {
    expect(order(glanceAt(1, { isNamed: true }), glanceAt(3))).toEqual([1, 3]);
    expect(order(glanceAt(0, { hasQuestion: true }), glanceAt(1), glanceAt(3))).toEqual([1, 3]);
    expect(order(glanceAt(1, { words: 9 }), glanceAt(3))).toEqual([1, 3]);
    expect(order(glanceAt(1), glanceAt(3, { endsWithQuestion: true }))).toEqual([1, 3]);
  });
});
