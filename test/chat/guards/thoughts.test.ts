import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ThoughtHabit } from "../../../src/chat/guards/thought-habit.ts";
import { ThoughtSplitter } from "../../../src/chat/guards/thoughts.ts";
import type { SplitPiece } from "../../../src/chat/guards/thoughts.ts";

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

it.each([
  "Yes.",
  "\n\n  Yes.\n",
  "",
  "\n",
  "a < b",
  "Put it into <think> tags.",
  "The tag `</think>` ends them.",
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

  it.each([
    ["Let me see.</think>Yes.", true],
    ["<think>Let me see.</think>Yes.", false],
    ["The tag `</think>` ends them.", false],
    ["Yes.", false],
  ])("is to think unseen where a block ends that never began: %j", (reply, opensUnseen) => {
    const habit = { opensUnseen: false };
    read(habit, [reply]);
    expect(habit).toEqual({ opensUnseen });
  });

  it.each(["Let me see.\n</think>\n\nYes.", "<think>Let me see.\n</think>\n\nYes."])(
    "takes the beginning of a reply for thoughts at once: %j",
    (reply) => {
      const habit = { opensUnseen: true };
      const apart = { thoughts: "Let me see.\n", text: "Yes.", wereThoughts: false };
      for (const pieces of [[reply], byLetter(reply)])
        expect(read(habit, pieces)).toEqual({ ...apart, wereText: false });
      expect(habit).toEqual({ opensUnseen: true });
    },
  );

  it("takes a reply that is cut before the end of its thoughts for nothing else", () => {
    const habit = { opensUnseen: true };
    expect(read(habit, byLetter("Let me see </th"), false)).toMatchObject({
      thoughts: "Let me see </th",
      text: "",
    });
    expect(habit).toEqual({ opensUnseen: true });
  });

  it("is dropped where the model ends a reply that has no end of thoughts", () => {
    const habit = { opensUnseen: true };
    expect(read(habit, byLetter("Yes, a <b> and a </b"))).toMatchObject({
      thoughts: "",
      text: "Yes, a <b> and a </b",
      wereText: true,
    });
    expect(habit).toEqual({ opensUnseen: false });
  });

  it("says nothing where the engine keeps the thoughts apart itself", () => {
    const splitter = new ThoughtSplitter({ opensUnseen: true });
    splitter.expectText();
    expect(splitter.push("Yes.")).toMatchObject({ thoughts: "", text: "Yes." });
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
