import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expandMacros } from "../../src/cards/expand-macros.ts";
import { cpuMs } from "./cpu-time.ts";

const CONTEXT = {
  char: "Aqua",
  user: "Kazuma",
  original: "Be good.",
  time: {
    date: "March 4, 2026",
    time: "3:06 PM",
    weekday: "Wednesday",
    isodate: "2026-03-04",
    isotime: "15:06",
  },
  random: () => 0.5,
};

function expand(text: string, changes: Partial<typeof CONTEXT> = {}): string {
  return expandMacros(text, { ...CONTEXT, ...changes });
}

describe("a macro", () => {
  it.for([
    ["{{char}} meets {{user}}", "Aqua meets Kazuma"],
    ["{{CHAR}} {{ User }}", "Aqua Kazuma"],
    ["<USER>, <bot> and <Char>", "Kazuma, Aqua and Aqua"],
    ["{{original}} Always.", "Be good. Always."],
    ["a{{// never {{user}} seen}}b", "ab"],
    ["a{{comment: x}}{{hidden_key:y}}b", "ab"],
    ["{{random:a,b,c}}", "b"],
    ["{{random::a, b::c}}", "c"],
    [String.raw`{{random:a\,b}}`, "a,b"],
    ["{{random: {{char}} , {{user}} }}!", "Kazuma!"],
    ["{{roll:d20}} {{roll:6}} {{roll 2d6+1}}", "11 4 9"],
    ["{{reverse:Hello}}", "olleH"],
    ["{{date}}, {{time}}, {{weekday}}", "March 4, 2026, 3:06 PM, Wednesday"],
    ["{{isodate}} {{isotime}}", "2026-03-04 15:06"],
    ["a{{newline}}b", "a\nb"],
    ["a\n\n{{trim}}\n\nb", "ab"],
    ["a\n{{trim}}{{// x}}\n{{trim}}\nb\n", "ab\n"],
    ["{{{char}}}", "{Aqua}"],
    ["{{noop}}", ""],
  ])("is expanded: %s", ([text = "", expected]) => {
    expect(expand(text)).toBe(expected);
  });

  it.for([
    "{{unknown}}",
    "{{unknown::a, {x} }}",
    "{{char",
    "char}}",
    "{{}}",
    "{{char: x}}",
    "{{roll:d0}}",
    "{{roll:999d6}}",
    "{{roll:cat}}",
    "{ {char} }",
    "<users>",
  ])("that is not known is left as it is: %s", (text) => {
    expect(expand(text)).toBe(text);
  });

  it("inside an unknown one is expanded still", () => {
    expect(expand("{{getvar::{{user}}}} {{ {{char}}")).toBe("{{getvar::Kazuma}} {{ Aqua");
  });

  it("in a name is not expanded, and signs in a name part nothing", () => {
    expect(expand("{{char}} {{random:{{char}}}}", { char: "{{user}}, <user>" })).toBe(
      "{{user}}, <user> {{user}}, <user>",
    );
    expect(expand("{{{{char}}}}", { char: "user" })).toBe("{{user}}");
  });

  it("of time stays as it is where there is no time to tell", () => {
    const { time: _, ...context } = CONTEXT;
    expect(expandMacros("{{date}}", context)).toBe("{{date}}");
  });

  it("picks the same whenever the text is the same, each its own", () => {
    const text = "{{pick:1,2,3,4,5,6,7,8}} ".repeat(40);
    const picked = expand(text, { random: Math.random });
    expect(expand(text)).toBe(picked);
    expect(new Set(picked.trim().split(" ")).size).toBeGreaterThan(5);
    const texts = Array.from({ length: 200 }, (_, index) => expand(`{{pick:a,b}}${index}`)[0]);
    expect(texts.filter((one) => one === "a").length).toBeGreaterThan(60);
    expect(texts.filter((one) => one === "b").length).toBeGreaterThan(60);
  });
});

const fragment = fc.oneof(
  fc.constantFrom("{{", "}}", "{", "}", "char", "user", "random:", "pick::", ",", "::", "trim"),
  fc.constantFrom("\n", "//", "<user>", "roll:d6", " ", "\\,", "reverse:"),
  fc.string({ maxLength: 3 }),
);
const text = fc.array(fragment, { maxLength: 60 }).map((parts) => parts.join(""));

it("leaves texts without braces and angles alone", () => {
  fc.assert(
    fc.property(text, (given) => {
      const plain = given.replaceAll(/[{}<]/g, "");
      expect(expand(plain)).toBe(plain);
    }),
  );
});

it("expands any text, and the same way each time", () => {
  fc.assert(
    fc.property(text, (given) => {
      expect(expand(given)).toBe(expand(given));
    }),
    { numRuns: 500 },
  );
});

it("takes time in proportion to the text", () => {
  const texts = [
    "{{",
    "}}",
    "{{char}}",
    "{{x:",
    "{{random:a,",
    "\n{{trim}}\n",
    "\n",
    "{{//",
    "{{{",
  ];
  const started = cpuMs();
  for (const one of texts) {
    expand(one.repeat(100_000));
    expand(`${one.repeat(50_000)}${"}}".repeat(50_000)}`);
  }
  expect(cpuMs() - started).toBeLessThan(10_000);
});
