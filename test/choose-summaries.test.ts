import { describe, expect, it } from "vitest";
import { chooseSummaries } from "../src/choose-summaries.ts";
import { parseConfig } from "../src/config.ts";

const choose = (parameters: number | undefined, SUMMARIES = "auto") =>
  chooseSummaries(parseConfig({ SUMMARIES }), { parameters });

describe("summaries", () => {
  it("are left to models of 3 B parameters or more, and to servers", () => {
    expect(choose(3_212_749_888)).toEqual({
      isOn: true,
      fact: "on: the model has 3.2 billion parameters",
    });
    expect(choose(2_795_443_200).isOn).toBe(true);
    expect(choose(7_241_732_096).isOn).toBe(true);
    expect(choose(undefined)).toEqual({ isOn: true, fact: "on: the server's model writes them" });
  });

  it("are not left to smaller ones", () => {
    expect(choose(3_040_000)).toEqual({
      isOn: false,
      fact: "off: the model has 3.0 million parameters, too few (SUMMARIES=on overrules it)",
    });
    expect(choose(2_614_341_888).isOn).toBe(false);
    expect(choose(494_032_768).isOn).toBe(false);
  });

  it("are as they are set, whatever the model is", () => {
    expect(choose(3_040_000, "on")).toEqual({ isOn: true, fact: "on, as SUMMARIES says" });
    expect(choose(undefined, "off")).toEqual({ isOn: false, fact: "off, as SUMMARIES says" });
  });
});
