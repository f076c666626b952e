import { array, assert, constantFrom, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { countTrimmedTurns, toWindowBudget } from "../../../src/chat/prompt/window.ts";
import type { WindowTurn } from "../../../src/chat/prompt/window.ts";

const BUDGET = 1_000;
const TARGET = 750;

const turn = record({
  role: constantFrom("user", "assistant"),
  tokens: integer({ min: 1, max: TARGET }),
});
const turns = array(turn, { maxLength: 60, size: "max" });

const user = (tokens: number): WindowTurn => ({ role: "user", tokens });
const own = (tokens: number): WindowTurn => ({ role: "assistant", tokens });
const total = (kept: readonly WindowTurn[]): number =>
  kept.reduce((sum, { tokens }) => sum + tokens, 0);
const keptOf = (all: readonly WindowTurn[]): WindowTurn[] =>
  all.slice(countTrimmedTurns(all, BUDGET));

describe("countTrimmedTurns", () => {
  it("never keeps more than the budget", () => {
    assert(
      property(turns, (all) => {
        expect(total(keptOf(all))).toBeLessThanOrEqual(BUDGET);
      }),
    );
  });

  it("trims only where not all turns fit", () => {
    assert(
      property(turns, (all) => {
        expect(countTrimmedTurns(all, BUDGET) === 0).toBe(total(all) <= BUDGET);
      }),
    );
  });

  it("always keeps the newest turn", () => {
    assert(
      property(turns, turn, (older, newest) => {
        expect(keptOf([...older, newest]).at(-1)).toBe(newest);
      }),
    );
  });

  it("keeps even a newest turn that is larger than the budget", () => {
    expect(countTrimmedTurns([user(10), own(10), user(5_000)], BUDGET)).toBe(2);
    expect(countTrimmedTurns([user(5_000)], BUDGET)).toBe(0);
  });

  it("brings a full window down to three quarters, beginning with a person", () => {
    assert(
      property(turns, (all) => {
        const kept = keptOf(all);
        if (kept.length === all.length || kept.length === 1) return;
        expect(total(kept)).toBeLessThanOrEqual(TARGET);
        expect(kept[0]?.role).toBe("user");
      }),
    );
  });

  it("trims no turn more than that takes", () => {
    assert(
      property(turns, (all) => {
        const trimmed = countTrimmedTurns(all, BUDGET);
        for (let fewer = 1; fewer < trimmed; fewer += 1) {
          const kept = all.slice(fewer);
          expect(total(kept) > TARGET || kept[0]?.role === "assistant").toBe(true);
        }
      }),
    );
  });

  it("lets a quarter of the budget fill up again before it trims once more", () => {
    assert(
      property(turns, (said) => {
        let window: WindowTurn[] = [];
        let addedTokens = 0;
        for (const next of said) {
          window.push(next);
          addedTokens += next.tokens;
          const kept = keptOf(window);
          if (kept.length === window.length) continue;
          expect(addedTokens).toBeGreaterThan(BUDGET - TARGET);
          addedTokens = 0;
          window = kept;
        }
      }),
    );
  });

  it("keeps the beginning of a long conversation the same for many turns", () => {
    let window: WindowTurn[] = [];
    let trims = 0;
    for (let index = 0; index < 1_000; index += 1) {
      window.push(index % 2 === 0 ? user(10) : own(10));
      const kept = keptOf(window);
      if (kept.length < window.length) trims += 1;
      window = kept;
    }
    expect(trims).toBeLessThanOrEqual(1_000 / 25);
    expect(trims).toBeGreaterThan(0);
  });
});

describe("toWindowBudget", () => {
  const shares = record({
    contextTokens: integer({ min: 256, max: 131_072 }),
    fixedShare: integer({ min: 0, max: 55 }),
    maxReplyTokens: integer({ min: 1, max: 131_072 }),
  });

  it("shares out the whole context: fixed part, history and a reserve for the reply", () => {
    assert(
      property(shares, ({ contextTokens, fixedShare, maxReplyTokens }) => {
        const fixedTokens = Math.floor((contextTokens * fixedShare) / 100);
        const budget = toWindowBudget({ contextTokens, fixedTokens, maxReplyTokens });
        const reserve = contextTokens - fixedTokens - budget.historyTokens;
        expect(reserve).toBe(Math.min(maxReplyTokens, Math.floor(contextTokens / 4)));
      }),
    );
  });

  it("gives one turn three quarters of the history at most, and never nothing", () => {
    expect(
      toWindowBudget({ contextTokens: 4_096, fixedTokens: 96, maxReplyTokens: 1_000 }),
    ).toEqual({ historyTokens: 3_000, turnTokens: 2_250 });
    expect(toWindowBudget({ contextTokens: 256, fixedTokens: 999, maxReplyTokens: 64 })).toEqual({
      historyTokens: 1,
      turnTokens: 1,
    });
  });
});
