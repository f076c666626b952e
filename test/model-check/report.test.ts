import { describe, expect, it } from "vitest";
import { fault, formatLine, ok, toVerdict, warning } from "../../src/model-check/report.ts";

describe("the verdict", () => {
  it("is that a model without warnings is well suited", () => {
    const lines = [ok("It is there."), ok("It is whole.")];
    expect(toVerdict(lines)).toEqual({ isUsable: true, sentence: "This model is well suited." });
  });

  it.each([
    [1, "It will work, with 1 warning."],
    [2, "It will work, with 2 warnings."],
  ])("counts %i of the warnings", (count, sentence) => {
    const warnings = Array.from({ length: count }, () => warning("It is slow."));
    expect(toVerdict([ok("It is there."), ...warnings])).toEqual({ isUsable: true, sentence });
  });

  it("names the faults, whatever else there is", () => {
    const lines = [warning("It is slow."), fault("It answers nothing"), fault("It never stops.")];
    expect(toVerdict(lines)).toEqual({
      isUsable: false,
      sentence: "It cannot be used: It answers nothing. It never stops.",
    });
  });
});

it("writes the marks so that the facts stand below each other", () => {
  const lines = [ok("It is there."), warning("It is slow."), fault("It never stops.")];
  expect(lines.map(formatLine)).toEqual([
    "ok       It is there.",
    "warning  It is slow.",
    "fault    It never stops.",
  ]);
});
