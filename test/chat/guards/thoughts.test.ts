import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ThoughtHabit } from "../../../src/chat/guards/thought-habit.ts";
import { ThoughtSplitter } from "../../../src/chat/guards/thoughts.ts";
import type { SplitPiece } from "../../../src/chat/guards/thoughts.ts";
import { unseenHabit } from "../../support/unseen-habit.ts";

/** A reply as it is at its end. */
function split(pieces: readonly string[]): { readonly thoughts: string; readonly text: string } {
  const splitter = new ThoughtSplitter();
  const pushed = pieces.map((piece) => splitter.push(piece));
  let thoughts = "";
  let text = "";
  for (const piece of [...pushed, splitter.finish()]) {
    if (piece.wereThoughts) {
      thoughts += text;
      text = "";
    }
    thoughts += piece.thoughts;
    text += piece.text;
  }
  return { thoughts, text };
}

const byLetter = (text: string): string[] => Array.from(text);

it.each([
  ["<think>Let me see.</think>Yes.", "Let me see.", "Yes."],
  ["\n<think>\nLet me see.\n</think>\n\n  Yes.\n", "\nLet me see.\n", "Yes.\n"],
  ["<thinking>a < b</thinking>\n\nYes.", "a < b", "Yes."],
  ["<think></think>\n\nYes.", "", "Yes."],
  ["<think>Let me see", "Let me see", ""],
  ["<think>Let me see </thi", "Let me see </thi", ""],
  ["<think>It is over.</think>\n\n", "It is over.", ""],
  ["<think>a</think>b</think>c", "a", "b</think>c"],
])("keeps a block at the beginning apart: %j", (reply, thoughts, text) => {
  expect(split([reply])).toEqual({ thoughts, text });
  expect(split(byLetter(reply))).toEqual({ thoughts, text });
});

it.each(["Let me see.\n</think>\n\nYes.", "Let me see.\n</thinking>Yes."])(
  "takes all for thoughts that stands before an end without a beginning: %j",
  (reply) => {
    expect(split([reply])).toEqual({ thoughts: "Let me see.\n", text: "Yes." });
    expect(split(byLetter(reply))).toEqual({ thoughts: "Let me see.\n", text: "Yes." });
  },
);

it("takes a block of code that has ended for a part of the thoughts", () => {
  const thoughts = "Let me try:\n```js\nsee();\n```\nThat is it.\n";
  expect(split(byLetter(`${thoughts}</think>\n\nYes.`))).toEqual({ thoughts, text: "Yes." });
});

it.each([
  "Yes.",
  "\n\n  Yes.\n",
  "",
  "\n",
  "a < b",
  "Put it into <think> tags.",
  "The tag `</think>` ends them.",
  "Here:\n```\n</think>\n```\nThat is all.",
  "````md\n```\n```\n</think>\n````\n",
  "Here:\n  ~~~html\n```\nHm </thinking>\n",
  "<thin",
  "Yes.</thi",
])("lets a text without thoughts through as it is: %j", (text) => {
  expect(split([text])).toEqual({ thoughts: "", text });
  expect(split(byLetter(text))).toEqual({ thoughts: "", text });
});

describe("the habit of a model", () => {
  const read = (habit: ThoughtHabit, pieces: readonly string[], isWhole?: boolean): SplitPiece => {
    const splitter = new ThoughtSplitter(habit);
    const pushed = pieces.map((piece) => splitter.push(piece));
    return [...pushed, splitter.finish(isWhole)].reduce((all, piece) => ({
      thoughts: (piece.wereText ? "" : all.thoughts) + piece.thoughts,
      text: all.text + piece.text,
      wereThoughts: all.wereThoughts || piece.wereThoughts,
      wereText: all.wereText || piece.wereText,
    }));
  };

  const UNSEEN = "Let me see.</think>Yes.";

  const habitAfter = (replies: readonly string[]): ThoughtHabit => {
    const habit = new ThoughtHabit();
    for (const reply of replies) read(habit, byLetter(reply));
    return habit;
  };

  it("is to think unseen once three replies, and all there were, have shown it", () => {
    expect(habitAfter([UNSEEN, UNSEEN]).opensUnseen).toBe(false);
    expect(habitAfter([UNSEEN, UNSEEN, UNSEEN]).opensUnseen).toBe(true);
  });

  it.each([
    ["one that ends without an end of thoughts", "Yes."],
    ["one that begins its thoughts itself", "<think>Let me see.</think>Yes."],
    ["one that only quotes the end", "The tag `</think>` ends them."],
    ["one with the end in a block of code", "Here:\n```\n</think>\n```\n"],
    ["one that says nothing", ""],
  ])("is ruled out for good by %s", (_name, reply) => {
    const after = [UNSEEN, UNSEEN, UNSEEN, UNSEEN];
    expect(habitAfter([reply, ...after]).opensUnseen).toBe(false);
    expect(habitAfter([...after, reply, ...after]).opensUnseen).toBe(false);
  });

  it.each([
    ["several ends", "a</think>b</think>c"],
    ["a beginning that is spoken of", "One writes <think> and </think>, so."],
    ["nothing before the end", "\n</think>Yes."],
    ["nothing after it", "Here you are: </think>\n"],
  ])("is not shown by %s, nor ruled out", (_name, reply) => {
    expect(habitAfter([UNSEEN, UNSEEN, reply]).opensUnseen).toBe(false);
    expect(habitAfter([UNSEEN, reply, UNSEEN, UNSEEN, reply]).opensUnseen).toBe(true);
  });

  it("is not to be seen in a reply that the model has not ended", () => {
    const habit = habitAfter([UNSEEN, UNSEEN]);
    read(habit, ["Let me see.</think>Ye"], false);
    expect(habit.opensUnseen).toBe(false);
    read(habit, ["Let me"], false);
    read(habit, [UNSEEN]);
    expect(habit.opensUnseen).toBe(true);
  });

  it.each(["Let me see.\n</think>\n\nYes.", "<think>Let me see.\n</think>\n\nYes."])(
    "takes the beginning of a reply for thoughts at once: %j",
    (reply) => {
      const apart = { thoughts: "Let me see.\n", text: "Yes.", wereThoughts: false };
      for (const pieces of [[reply], byLetter(reply)])
        expect(read(unseenHabit(), pieces)).toEqual({ ...apart, wereText: false });
    },
  );

  it("takes a reply that is cut before the end of its thoughts for nothing else", () => {
    const habit = unseenHabit();
    expect(read(habit, byLetter("Let me see </th"), false)).toMatchObject({
      thoughts: "Let me see </th",
      text: "",
    });
    expect(habit.opensUnseen).toBe(true);
  });

  it("gives all back where the model ends a reply that has no end of thoughts", () => {
    const habit = unseenHabit();
    expect(read(habit, byLetter("Yes, a <b> and a </b"))).toMatchObject({
      thoughts: "",
      text: "Yes, a <b> and a </b",
      wereText: true,
    });
  });

  it("gives a reply back that is being written while another one rules it out", () => {
    const habit = unseenHabit();
    const splitter = new ThoughtSplitter(habit);
    expect(splitter.push("Yes, ")).toMatchObject({ thoughts: "Yes, ", text: "" });
    read(habit, ["No."]);
    expect(splitter.push("indeed")).toMatchObject({ text: "Yes, indeed", wereText: true });
    expect(splitter.push("!")).toMatchObject({ text: "!", wereText: false });
  });

  it("is ruled out where the engine keeps the thoughts apart itself", () => {
    const habit = unseenHabit();
    const splitter = new ThoughtSplitter(habit);
    splitter.expectText();
    expect(splitter.push("Yes.")).toMatchObject({ thoughts: "", text: "Yes." });
    expect(habit.opensUnseen).toBe(false);
  });
});

describe("while the stream goes on", () => {
  it("gives nothing of a tag away", () => {
    const splitter = new ThoughtSplitter();
    expect(splitter.push(" <thi")).toMatchObject({ thoughts: "", text: "" });
    expect(splitter.push("nk>Hm </")).toMatchObject({ thoughts: "Hm ", text: "" });
    expect(splitter.push("think>\n")).toMatchObject({ thoughts: "", text: "" });
    expect(splitter.push("\nYes")).toMatchObject({ thoughts: "", text: "Yes" });
    expect(splitter.push(".\n")).toMatchObject({ thoughts: "", text: ".\n" });
  });

  it("comes to the same end wherever it is cut", () => {
    const pieces = fc.constantFrom("<think>", "</think>", "</", "<", "think", ">", "\n", "`", "Hm");
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const whole = split([parts.join("")]);
        expect(split(parts)).toEqual(whole);
        expect(split(byLetter(parts.join("")))).toEqual(whole);
      }),
    );
  });
});
