import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CHAT_ML_CONTROL_TEXTS, ControlTextFilter } from "../../../src/chat/prompt/control-text.ts";

function filter(chunks: readonly string[]): { shown: string; hasEnded: boolean } {
  const texts = new ControlTextFilter(CHAT_ML_CONTROL_TEXTS);
  let shown = "";
  let hasEnded = false;
  for (const chunk of chunks) {
    const filtered = texts.push(chunk);
    shown += filtered.text;
    hasEnded = filtered.hasEnded;
  }
  return { shown: shown + texts.finish(), hasEnded };
}

const pieces = fc.array(
  fc.oneof(
    fc.constantFrom("<|im_end|>", "<|im_start|>", "<|im_", "<|", "<", "|>", "end|>", "<<|im_end"),
    fc.string({ maxLength: 4 }),
  ),
);

function splitAt(text: string, cuts: readonly number[]): string[] {
  const places = [0, ...cuts.map((cut) => cut % (text.length + 1)), text.length];
  const sorted = places.toSorted((one, other) => one - other);
  return sorted.slice(1).map((end, index) => text.slice(sorted[index], end));
}

describe("ControlTextFilter", () => {
  it("shows the text before the first control text, however the stream is cut", () => {
    fc.assert(
      fc.property(pieces, fc.array(fc.nat()), (parts, cuts) => {
        const text = parts.join("");
        const starts = CHAT_ML_CONTROL_TEXTS.map((control) => text.indexOf(control));
        const found = starts.filter((start) => start >= 0);
        const end = found.length === 0 ? text.length : Math.min(...found);
        expect(filter(splitAt(text, cuts))).toEqual({
          shown: text.slice(0, end),
          hasEnded: found.length > 0,
        });
      }),
    );
  });

  it("shows nothing early that could belong to a control text", () => {
    const texts = new ControlTextFilter(CHAT_ML_CONTROL_TEXTS);
    expect(texts.push("Hello <|im_")).toEqual({ text: "Hello ", hasEnded: false });
    expect(texts.push("end|> and more")).toEqual({ text: "", hasEnded: true });
    expect(texts.push("still more")).toEqual({ text: "", hasEnded: true });
    expect(texts.finish()).toBe("");
  });

  it("gives a beginning out once the text goes on otherwise", () => {
    const texts = new ControlTextFilter(CHAT_ML_CONTROL_TEXTS);
    expect(texts.push("1 <").text).toBe("1 ");
    expect(texts.push(" 2").text).toBe("< 2");
    expect(texts.push(" <|").text).toBe(" ");
    expect(texts.finish()).toBe("<|");
  });

  it("passes everything when there is nothing to find", () => {
    const texts = new ControlTextFilter([""]);
    expect(texts.push("<|im_end|>")).toEqual({ text: "<|im_end|>", hasEnded: false });
  });
});
