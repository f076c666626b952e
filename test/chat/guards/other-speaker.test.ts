import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OtherSpeakerGuard } from "../../../src/chat/guards/other-speaker.ts";

const LABELS = ["Ada", "Ben the Third"];

interface Shown {
  readonly text: string;
  readonly hasEnded: boolean;
}

/** All that was ever shown, once the stream has come in these pieces. */
function read(pieces: readonly string[], labels = LABELS): Shown {
  const guard = new OtherSpeakerGuard(labels);
  let written = "";
  let shown = "";
  for (const piece of pieces) {
    written += piece;
    const { hasEnded, length } = guard.read(written);
    const now = written.slice(0, length);
    expect(now.startsWith(shown)).toBe(true);
    shown = now;
    if (hasEnded) return { text: shown, hasEnded };
  }
  return { text: shown, hasEnded: false };
}

const byLetter = (text: string): string[] => Array.from(text);

describe("someone else's line", () => {
  it.each([
    "Ada:",
    "Ben the Third: ",
    "User:",
    "Human: ",
    "USER:",
    "HUMAN:",
    "### User:",
    "### User\n",
    "### Human\n",
    "### Instruction:\n",
    "<|user|>",
  ])("ends the reply before the line break: %j", (line) => {
    expect(read(byLetter(`Hello.\n${line}what now?`))).toEqual({ text: "Hello.", hasEnded: true });
    expect(read([`Hello.\n\n${line}what now?`])).toEqual({ text: "Hello.", hasEnded: true });
  });

  it("is found behind a code block that is closed, and behind one on a single line", () => {
    const block = "See:\n```js\nlet a;\n```";
    expect(read(byLetter(`${block}\nUser: thanks`)).text).toBe(block);
    const line = "See\n```let a;```";
    expect(read(byLetter(`${line}\nUser: thanks`)).text).toBe(line);
  });

  it("never shows a character, wherever the stream is cut", () => {
    const lines = fc.array(
      fc.oneof(
        fc.constantFrom("Ada", "Ada: hi", "Adam: hi", "User", "User: hi", "### User", "```", ""),
        fc.string({ maxLength: 12 }),
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(lines, fc.integer({ min: 1, max: 9 }), (said, size) => {
        const text = `Well\n${said.join("\n")}`;
        const pieces = text.match(new RegExp(`[^]{1,${size}}`, "g")) ?? [];
        const whole = read([text]);
        expect(read(pieces)).toEqual(whole);
        expect(text.startsWith(whole.text)).toBe(true);
      }),
    );
  });
});

describe("the model's own line", () => {
  it.each([
    "User: this is the first line",
    "Hello.\nAdam: is not Ada",
    "Hello.\nThe User: is not at the beginning",
    "Hello.\nuser: in small letters",
    "Hello.\n### User guide\nRead it.",
    "Hello.\n### Instructions\n1. Do it.",
    "Hello.\n```\nUser: root\nAda: 1\n```\nDone.",
    "Hello.\n````md\n```\nUser: root\n```\nUser: root\n````\nDone.",
    "Hello.\n> ```\nUser: quoted\n",
  ])("is shown: %j", (text) => {
    const { hasEnded, text: shown } = read(byLetter(text));
    expect(hasEnded).toBe(false);
    expect(text.trimEnd()).toBe(shown.trimEnd());
  });

  it("is held back while it could still become someone else's", () => {
    const guard = new OtherSpeakerGuard(LABELS);
    expect(guard.read("Hello.\n")).toEqual({ length: 6, hasEnded: false });
    expect(guard.read("Hello.\nBen the")).toEqual({ length: 6, hasEnded: false });
    expect(guard.read("Hello.\nBen the F")).toEqual({ length: 16, hasEnded: false });
  });

  it("may begin with a name that is nobody's in the prompt", () => {
    expect(read(["Hello.\nAda: hi"], []).hasEnded).toBe(false);
  });
});
