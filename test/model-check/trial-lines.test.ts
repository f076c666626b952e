import { describe, expect, it } from "vitest";
import { fault, ok, warning } from "../../src/model-check/report.ts";
import { toRunLine, toTrialLines } from "../../src/model-check/trial-lines.ts";
import type { Speed, TrialReply } from "../../src/model-check/try-model.ts";

const STOPS: TrialReply = { hasStopped: true, isEmpty: false, hasThought: false };
const GOES_ON: TrialReply = { ...STOPS, hasStopped: false };
const EMPTY: TrialReply = { ...STOPS, isEmpty: true };
const FAST: Speed = { tokens: 400, tokensPerSecond: 512.4 };

function describeReplies(...replies: readonly TrialReply[]) {
  return toTrialLines({ replies, prompt: FAST, answer: FAST }).slice(0, -2);
}

describe("of where it runs", () => {
  const run = { device: "RTX 3060", gpuLayers: 0, totalLayers: 33, threads: 7 };

  it("the processor and its threads are named", () => {
    expect(toRunLine(run)).toEqual(ok("It runs on the processor with 7 threads."));
    expect(toRunLine({ ...run, threads: 1 })).toEqual(
      ok("It runs on the processor with 1 thread."),
    );
  });

  it("the GPU is named when it has all layers", () => {
    expect(toRunLine({ ...run, gpuLayers: 33 })).toEqual(
      ok("All of its 33 layers are on RTX 3060."),
    );
  });

  it("a GPU that is too small is a warning", () => {
    expect(toRunLine({ ...run, gpuLayers: 20 })).toEqual(
      warning(
        "20 of its 33 layers are on RTX 3060, the rest on the processor: a smaller quantisation or context is many times faster.",
      ),
    );
  });
});

describe("of its replies", () => {
  it("nothing is wrong when all stop", () => {
    expect(describeReplies(STOPS, STOPS)).toEqual([
      ok("It stopped by itself in all of 2 replies."),
    ]);
  });

  it("some that go on are a warning", () => {
    expect(describeReplies(STOPS, GOES_ON, STOPS)).toEqual([
      warning("It stopped by itself in 2 of 3 replies: the others go on to 128 tokens or more."),
    ]);
  });

  it("a fault is that none stops", () => {
    expect(describeReplies(GOES_ON, GOES_ON)).toEqual([
      fault("It never stops by itself: 2 replies went on to 128 tokens."),
    ]);
  });

  it("those that were still reasoning are no fault", () => {
    const reasons = { ...GOES_ON, hasThought: true };
    expect(describeReplies(reasons, reasons)).toEqual([
      warning(
        "It stopped by itself in 0 of 2 replies of up to 128 tokens, as it reasons before it answers: leave MAX_REPLY_TOKENS high.",
      ),
    ]);
  });

  it("empty ones are a warning, and nothing else is a fault", () => {
    expect(describeReplies(STOPS, EMPTY)).toContainEqual(
      warning("It answered nothing in 1 of 2 replies."),
    );
    expect(describeReplies(EMPTY, EMPTY)).toContainEqual(
      fault("It answers nothing: every reply was empty."),
    );
  });
});

describe("of its speed", () => {
  function describeSpeed(answer: Speed) {
    return toTrialLines({ replies: [STOPS], prompt: FAST, answer }).slice(-2);
  }

  it("prompt and answer are told apart", () => {
    expect(describeSpeed({ tokens: 200, tokensPerSecond: 34.56 })).toEqual([
      ok("It reads prompts at 512 tokens per second."),
      ok("It writes answers at 34.6 tokens per second."),
    ]);
  });

  it("what is slower than reading is a warning", () => {
    expect(describeSpeed({ tokens: 200, tokensPerSecond: 1.3 })).toContainEqual(
      warning("It writes answers at 1.3 tokens per second, slower than people read."),
    );
  });

  it("too few tokens tell nothing", () => {
    expect(describeSpeed({ tokens: 5, tokensPerSecond: 34 })).toContainEqual(
      warning("How fast it writes answers is unknown: there was too little to measure."),
    );
  });
});
