import { describe, expect, it } from "vitest";
import { GuardedReply } from "../../../src/chat/guards/guarded-reply.ts";
import type { GuardReason } from "../../../src/chat/guards/guarded-reply.ts";
import { unseenHabit } from "../../support/unseen-habit.ts";

const PROSE = "The lighthouse stood on the last rock before the open sea.\n";
const LOOP = "I am sorry, I can not do that. ".repeat(20);

interface Read {
  readonly reply: GuardedReply;
  readonly reason: GuardReason | "end";
}

/** Reads texts until a guard ends the reply, or all of them and the end. */
function read(texts: readonly string[], maxLength = Number.POSITIVE_INFINITY): Read {
  const measure = (text: string): number => Math.min(text.length, maxLength);
  const reply = new GuardedReply({ speakerLabels: ["Ada"], measure });
  for (const text of texts) {
    const reason = reply.read({ type: "text-delta", text });
    if (reason !== undefined) return { reply, reason };
  }
  return { reply, reason: reply.finish() ?? "end" };
}

it.each([
  ["repetition", [PROSE, LOOP], `${PROSE}I am sorry, I can not do that. `],
  ["other-speaker", ["Hello.\nAd", "a: Hi!"], "Hello."],
  ["parts", [PROSE.repeat(2)], PROSE.repeat(2).slice(0, 80)],
] as const)("cuts the text where it has to end: %s", (reason, texts, text) => {
  const limit = reason === "parts" ? 80 : undefined;
  const { reply, ...outcome } = read(texts, limit);
  expect({ ...outcome, text: reply.text }).toEqual({ reason, text });
});

it("ends at the first of several reasons", () => {
  expect(read([`${PROSE}Ada: hi\n${LOOP}`]).reason).toBe("other-speaker");
  expect(read([`${PROSE}${LOOP}\nAda: hi`]).reason).toBe("repetition");
  expect(read([`${PROSE}${LOOP}`], 10).reason).toBe("parts");
});

it("gives out what was held back when the model ends there", () => {
  const { reply, reason } = read(["Hello.\n", "Ad"]);
  expect({ reason, text: reply.text }).toEqual({ reason: "end", text: "Hello.\nAd" });
});

it("counts what was held back as well", () => {
  const { reply, reason } = read(["Hello.\n", "Ad"], 7);
  expect({ reason, text: reply.text }).toEqual({ reason: "parts", text: "Hello.\n" });
});

describe("thoughts", () => {
  it("stand beside the text", () => {
    const { reply } = read(["<think>\nHm.\n</think>\n\n", "Yes.\nAda likes it.\n"]);
    expect(reply.thoughts).toBe("Hm.");
    expect(reply.text).toBe("Yes.\nAda likes it.\n");
  });

  it("are none where they are blank", () => {
    const { reply } = read(["<think>\n\n</think>\n\nYes."]);
    expect([reply.thoughts, reply.text]).toEqual([undefined, "Yes."]);
  });

  it("that the engine keeps apart are kept as they come", () => {
    const reply = new GuardedReply({ speakerLabels: [], measure: (text) => text.length });
    reply.read({ type: "thought-delta", text: "Hm, " });
    reply.read({ type: "thought-delta", text: "well." });
    reply.read({ type: "text-delta", text: "Yes." });
    expect([reply.thoughts, reply.text]).toEqual(["Hm, well.", "Yes."]);
  });

  it("that looked like text so far take it back", () => {
    const reply = new GuardedReply({ speakerLabels: [], measure: (text) => text.length });
    reply.read({ type: "text-delta", text: "Let me see." });
    expect(reply.text).toBe("Let me see.");
    reply.read({ type: "text-delta", text: "\n</think>\n\n" });
    expect([reply.thoughts, reply.text]).toEqual(["Let me see.", ""]);
    reply.read({ type: "text-delta", text: "Yes." });
    expect(reply.text).toBe("Yes.");
  });

  it("that a model is known to begin with are none of the text, and may be all there is", () => {
    const options = { speakerLabels: [], measure: (text: string) => text.length };
    const reply = new GuardedReply({ ...options, habit: unseenHabit() });
    reply.read({ type: "text-delta", text: "Let me see." });
    expect([reply.thoughts, reply.text]).toEqual(["Let me see.", ""]);
    reply.finish(false);
    expect([reply.thoughts, reply.text]).toEqual(["Let me see.", ""]);
  });

  it("that turn out to be the whole reply are its text", () => {
    const options = { speakerLabels: [], measure: (text: string) => text.length };
    const reply = new GuardedReply({ ...options, habit: unseenHabit() });
    reply.read({ type: "text-delta", text: "Yes." });
    reply.finish();
    expect([reply.thoughts, reply.text, reply.written]).toEqual([undefined, "Yes.", "Yes."]);
  });

  it("that go round in circles end the reply", () => {
    const { reply, reason } = read([`<think>${LOOP}`]);
    expect({ reason, text: reply.text }).toEqual({ reason: "repetition", text: "" });
  });
});
