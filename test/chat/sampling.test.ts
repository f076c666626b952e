import { anything, array, assert, double, integer, property, record, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { assertSampling, mergeSampling, parseSampling } from "../../src/chat/sampling.ts";
import type { Problem } from "../../src/chat/problem.ts";
import type { Sampling, SamplingOverrides } from "../../src/chat/sampling.ts";

const settings: Sampling = {
  temperature: 0.7,
  topP: 0.9,
  topK: 40,
  minP: 0.05,
  repeatPenalty: 1.1,
  seed: undefined,
  stop: ["THE END"],
};

const numberIn = (min: number, max: number) => double({ min, max, noNaN: true });

const overrides = record(
  {
    temperature: numberIn(0, 5),
    topP: numberIn(0, 1),
    topK: integer({ min: 1, max: 1_000 }),
    minP: numberIn(0, 1),
    repeatPenalty: numberIn(1, 2),
    seed: integer({ min: 0, max: 4_294_967_295 }),
    stop: array(
      string({ minLength: 1, maxLength: 20 }).map((text) => `.${text}`),
      { maxLength: 4 },
    ),
  },
  { requiredKeys: [] },
);

describe("mergeSampling", () => {
  it("takes what the conversation sets, and the rest from the settings", () => {
    expect(mergeSampling(settings, {})).toEqual(settings);
    expect(mergeSampling(settings, { temperature: 0, seed: 0, stop: [] })).toEqual({
      ...settings,
      temperature: 0,
      seed: 0,
      stop: [],
    });
  });

  it("has a value for all that has one in the settings or the conversation", () => {
    assert(
      property(overrides, (own) => {
        expect(mergeSampling(settings, own)).toEqual({ ...settings, ...own });
      }),
    );
  });
});

describe("assertSampling", () => {
  it("takes everything within the ranges", () => {
    assert(
      property(overrides, (own) => {
        expect(() => assertSampling(own)).not.toThrow();
      }),
    );
  });

  it.each<[SamplingOverrides, Problem]>([
    [{ temperature: -0.1 }, { kind: "sampling-out-of-range", name: "temperature" }],
    [{ temperature: 5.1 }, { kind: "sampling-out-of-range", name: "temperature" }],
    [{ temperature: Number.NaN }, { kind: "sampling-out-of-range", name: "temperature" }],
    [{ topP: 1.01 }, { kind: "sampling-out-of-range", name: "topP" }],
    [{ topK: 0 }, { kind: "sampling-out-of-range", name: "topK" }],
    [{ topK: 1.5 }, { kind: "sampling-out-of-range", name: "topK" }],
    [{ minP: -1 }, { kind: "sampling-out-of-range", name: "minP" }],
    [{ repeatPenalty: 0.9 }, { kind: "sampling-out-of-range", name: "repeatPenalty" }],
    [{ seed: 4_294_967_296 }, { kind: "sampling-out-of-range", name: "seed" }],
    [{ stop: ["a", "b", "c", "d", "e"] }, { kind: "too-many-stop-strings", most: 4 }],
  ])("refuses %j and says why: %j", (own, problem) => {
    expect(() => assertSampling(own)).toThrow(
      expect.objectContaining({ code: "input-invalid", problem }),
    );
  });

  it.each(["", "  ", "\t", "x".repeat(65)])("refuses %j as a stop string", (text) => {
    expect(() => assertSampling({ stop: ["fine", text] })).toThrow("stop-string-malformed");
  });

  it("takes a line break as a stop string, for replies of one line", () => {
    expect(() => assertSampling({ stop: ["\n"] })).not.toThrow();
  });
});

describe("parseSampling", () => {
  it("reads back what was stored", () => {
    assert(
      property(overrides, (own) => {
        expect(parseSampling(JSON.parse(JSON.stringify(own)))).toEqual(
          JSON.parse(JSON.stringify(own)),
        );
      }),
    );
  });

  it("leaves out each value that may not be set, and what nobody knows", () => {
    const stored = { temperature: 9, topP: "0.5", topK: 20, seed: null, stop: ["  "], mood: 1 };
    expect(parseSampling(stored)).toEqual({ topK: 20 });
  });

  it("never yields anything that may not be set, whatever was stored", () => {
    assert(
      property(anything(), (stored) => {
        expect(() => assertSampling(parseSampling(stored))).not.toThrow();
      }),
    );
  });
});
