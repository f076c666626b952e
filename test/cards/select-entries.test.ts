import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Lorebook, LorebookEntry } from "../../src/cards/card.ts";
import {
  prepareLorebook,
  selectEntries,
  type SelectedEntries,
  type SelectionOptions,
} from "../../src/cards/select-entries.ts";
import { cpuMs } from "./cpu-time.ts";

const ENTRY: LorebookEntry = {
  keys: ["dragon"],
  secondaryKeys: [],
  content: "Dragons breathe fire.",
  isEnabled: true,
  usesRegex: false,
  insertionOrder: 100,
  position: "after",
  rest: {},
};

function book(
  entries: readonly Partial<LorebookEntry>[],
  changes: Partial<Lorebook> = {},
  all: Partial<LorebookEntry> = {},
) {
  const whole = entries.map((entry) => ({ ...ENTRY, ...entry, ...all }));
  return { entries: whole, rest: {}, ...changes };
}

function countTokens(text: string): number {
  return text.length;
}

interface Options extends Partial<SelectionOptions> {
  readonly expand?: (text: string) => string;
}

async function choose(
  lorebook: Lorebook,
  messages: readonly string[],
  { expand, ...options }: Options = {},
): Promise<SelectedEntries> {
  const prepared = prepareLorebook(lorebook, expand);
  return await selectEntries(prepared, messages, { countTokens, ...options });
}

async function select(lorebook: Lorebook, messages: readonly string[], options: Options = {}) {
  const { after, before, late } = await choose(lorebook, messages, options);
  return [...before, ...after, ...late];
}

async function isTaken(entry: Partial<LorebookEntry>, ...messages: string[]): Promise<boolean> {
  return (await select(book([entry]), messages)).length > 0;
}

describe("an entry", () => {
  it.for<[Partial<LorebookEntry>, string, boolean]>([
    [{}, "A DRAGON!", true],
    [{}, "dragonfly", true],
    [{}, "a cat", false],
    [{ keys: ["cat", "dog"] }, "my dog", true],
    [{ keys: [] }, "anything", false],
    [{ isCaseSensitive: true }, "A DRAGON!", false],
    [{ isCaseSensitive: true }, "a dragon", true],
    [{ matchesWholeWords: true }, "dragonfly", false],
    [{ matchesWholeWords: true }, "dragonfly, dragon.", true],
    [{ matchesWholeWords: true, keys: ["Käfer"] }, "Mistkäfer käferlein", false],
    [{ matchesWholeWords: true, keys: ["C++"] }, "I like C++!", true],
    [{ isEnabled: false, isConstant: true }, "dragon", false],
    [{ isConstant: true, keys: [] }, "", true],
    [{ content: "  " }, "dragon", false],
    [{ secondaryKeys: ["fire", "ice"] }, "dragon", false],
    [{ secondaryKeys: ["fire", "ice"] }, "dragon of ice", true],
    [{ secondaryKeys: ["fire"], isSelective: false }, "dragon", true],
    [{ secondaryKeys: ["fire", "ice"], secondaryRule: "all" }, "dragon of ice", false],
    [{ secondaryKeys: ["fire", "ice"], secondaryRule: "all" }, "dragon: fire, ice", true],
    [{ secondaryKeys: ["fire", "ice"], secondaryRule: "none" }, "dragon of ice", false],
    [{ secondaryKeys: ["fire", "ice"], secondaryRule: "none" }, "dragon", true],
    [{ secondaryKeys: ["fire", "ice"], secondaryRule: "not-all" }, "dragon of ice", true],
    [{ secondaryKeys: ["fire", "ice"], secondaryRule: "not-all" }, "dragon: fire, ice", false],
    [{ keys: ["/drag(on|ged)s?/i"] }, "DRAGGED", true],
    [{ keys: ["/Drag/"] }, "drag", false],
    [{ keys: ["dr.g+on"], usesRegex: true }, "DRIGGON", true],
    [{ keys: ["dr.g+on"], usesRegex: true, isCaseSensitive: true }, "DRIGGON", false],
    [{ keys: ["Mr. (Smith"], usesRegex: true }, "so mr. (smith came", true],
    [{ keys: ["/(dragon/"] }, "(dragon", false],
    [{ keys: [String.raw`/^a$/m`] }, "b\na\nc", true],
  ])("%j is called by %j: %s", async ([entry, message, expected]) => {
    await expect(isTaken(entry, message)).resolves.toBe(expected);
  });

  it("is called by the newest messages only, as many as its book or it itself says", async () => {
    const messages = ["dragon", "two", "three", "four", "five"];
    await expect(select(book([{}]), messages)).resolves.toEqual([]);
    await expect(select(book([{}], { scanDepth: 5 }), messages)).resolves.toHaveLength(1);
    await expect(select(book([{}], { scanDepth: 0 }), ["dragon"])).resolves.toEqual([]);
    await expect(select(book([{ scanDepth: 9 }]), messages)).resolves.toHaveLength(1);
    const decorated = book([{ content: "@@scan_depth 5\nX" }]);
    await expect(select(decorated, messages)).resolves.toEqual(["X"]);
  });

  it("with a chance is taken as often", async () => {
    const lorebook = book([{ chance: 30 }]);
    await expect(select(lorebook, ["dragon"], { random: () => 0.29 })).resolves.toHaveLength(1);
    await expect(select(lorebook, ["dragon"], { random: () => 0.3 })).resolves.toEqual([]);
    await expect(select(lorebook, ["dragon"])).resolves.toHaveLength(1);
  });

  it("has its macros expanded, in its keys too", async () => {
    const expand = (text: string) => text.replaceAll("{{user}}", "Ada");
    const lorebook = book([{ keys: ["{{user}}"], content: "{{user}} is queen." }]);
    await expect(select(lorebook, ["ada speaks"], { expand })).resolves.toEqual(["Ada is queen."]);
  });

  it("brings in others where its book says so", async () => {
    const entries = [
      { content: "Dragons guard gold." },
      { keys: ["gold"], content: "Gold buys bread." },
      { keys: ["bread"], content: "Bread feeds dragons." },
      { keys: ["stone"], content: "Stone is hard." },
    ];
    await expect(select(book(entries), ["dragon"])).resolves.toHaveLength(1);
    const recursive = book(entries, { isRecursive: true });
    await expect(select(recursive, ["dragon"])).resolves.toHaveLength(3);
  });
});

describe("decorators", () => {
  it.for([
    ["@@depth 4\n@@role system\n\nText", "Text"],
    ["@@unknown a,b\n@@@more\nText\n@@depth 4", "Text\n@@depth 4"],
    ["@@activate\nText", "Text"],
    ["user@@example\nText", "user@@example\nText"],
    ["@@ no decorator", "@@ no decorator"],
    ["@@@activate\r\nText", "Text"],
  ])("are no part of the text: %j", async ([content = "", expected]) => {
    await expect(select(book([{ content }]), ["dragon"])).resolves.toEqual([expected]);
  });

  it("say when an entry is taken, and where it stands", async () => {
    const lorebook = book([
      { content: "@@dont_activate\nNever", isConstant: true },
      { content: "@@activate\n@@position before_desc\nAlways", keys: [] },
      { content: "@@additional_keys fire, ice\nBoth" },
      { content: "@@exclude_keys cat\nWithout" },
      { content: "@@new_thing 4\n@@@activate\n@@depth 1\nFallback", keys: [] },
      { content: "@@activate\n@@depth many\n@@@position before_desc\nNo number", keys: [] },
      { content: "@@activate\n@@@dont_activate\n@@only" },
    ]);
    await expect(choose(lorebook, ["dragon fire"])).resolves.toMatchObject({
      before: ["Always", "No number"],
      after: [],
      late: ["Both", "Without", "Fallback"],
    });
    await expect(choose(lorebook, ["dragon, cat"])).resolves.toMatchObject({
      before: ["Always", "No number"],
      late: ["Fallback"],
    });
  });
});

describe("the texts", () => {
  it("stand in their order, before or after the character", async () => {
    const lorebook = book([
      { content: "c", insertionOrder: 3 },
      { content: "a", insertionOrder: 1 },
      { content: "z", insertionOrder: 9, position: "before" },
      { content: "b", insertionOrder: 2 },
    ]);
    await expect(choose(lorebook, ["dragon"])).resolves.toEqual({
      before: [],
      after: [],
      late: ["z", "a", "b", "c"],
      tokens: 4,
      mostLateTokens: 4,
    });
    const constant = book(lorebook.entries, {}, { isConstant: true });
    await expect(choose(constant, [])).resolves.toEqual({
      before: ["z"],
      after: ["a", "b", "c"],
      late: [],
      tokens: 4,
      mostLateTokens: 0,
    });
  });

  it("that come and go, or are to stand late, are apart from those in every prompt", async () => {
    const lorebook = book([
      { content: "fixed", isConstant: true },
      { content: "surely", isConstant: true, chance: 100 },
      { content: "perhaps", isConstant: true, chance: 99 },
      { content: "deep", isConstant: true, isLate: true },
      { content: "called" },
      { content: "not called", keys: ["stone"] },
    ]);
    await expect(choose(lorebook, ["dragon"])).resolves.toEqual({
      before: [],
      after: ["fixed", "surely"],
      late: ["perhaps", "deep", "called"],
      tokens: "fixedsurelyperhapsdeepcalled".length,
      mostLateTokens: "perhapsdeepcallednot called".length,
    });
    await expect(choose(lorebook, [], { maxTokens: 20 })).resolves.toMatchObject({
      mostLateTokens: 20 - "fixedsurely".length,
    });
  });

  it("leave out those of the least priority where the budget is short", async () => {
    const entries = [
      { content: "low", priority: 1 },
      { content: "much too long", priority: 9 },
      { content: "high", priority: 5, insertionOrder: 200 },
      { content: "ever", isConstant: true, priority: 0 },
    ];
    await expect(select(book(entries, { tokenBudget: 8 }), ["dragon"])).resolves.toEqual([
      "ever",
      "high",
    ]);
    await expect(select(book(entries), ["dragon"], { maxTokens: 4 })).resolves.toEqual(["ever"]);
    await expect(select(book(entries, { tokenBudget: 0 }), ["dragon"])).resolves.toHaveLength(4);
  });

  it("never take more than the budget, each entry once, nothing but entries", async () => {
    const entry = fc.record({
      keys: fc.array(fc.constantFrom("a", "b", "/a+b/", "["), { maxLength: 3 }),
      secondaryKeys: fc.array(fc.constantFrom("a", "b"), { maxLength: 2 }),
      content: fc.string({ minLength: 1, maxLength: 8 }),
      isConstant: fc.boolean(),
      usesRegex: fc.boolean(),
      insertionOrder: fc.integer({ min: 0, max: 3 }),
      priority: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
      position: fc.constantFrom("after" as const, "before" as const),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry, { maxLength: 12 }),
        fc.array(fc.constantFrom("a", "b", "aab", "x"), { maxLength: 4 }),
        fc.integer({ min: 0, max: 40 }),
        async (entries, messages, maxTokens) => {
          const lorebook = book(entries, { isRecursive: true });
          const chosen = await choose(lorebook, messages, { maxTokens });
          const silent = await choose(lorebook, [], { maxTokens });
          const fixed = [...chosen.before, ...chosen.after];
          expect(fixed).toEqual([...silent.before, ...silent.after]);
          expect(chosen.mostLateTokens).toBe(silent.mostLateTokens);
          expect(chosen.late.join("").length).toBeLessThanOrEqual(chosen.mostLateTokens);
          const texts = [...fixed, ...chosen.late];
          expect(chosen.tokens).toBe(texts.join("").length);
          expect(chosen.tokens).toBeLessThanOrEqual(maxTokens);
          const left = entries.map(({ content }) => content.trim());
          for (const text of texts) {
            expect(left).toContain(text);
            left.splice(left.indexOf(text), 1);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("expressions", () => {
  it("say what the language says", () => {
    const part = fc.constantFrom("a", "b", ".", "[ab]", "[^a]", String.raw`\w`, String.raw`\b`);
    const more = fc.constantFrom("(a|b)", "(?:ab)", "^", "$", "(a*)*", "(|a)b", "(?<x>a)");
    const suffix = fc.constantFrom("", "", "*", "+?", "?", "{2}", "{1,2}", "{0}", "{1,}");
    const pattern = fc.array(fc.tuple(fc.oneof(part, more), suffix), { maxLength: 5 });
    const flags = fc.constantFrom("", "i", "m", "su", "g");
    return fc.assert(
      fc.asyncProperty(
        pattern,
        flags,
        fc.string({ unit: fc.constantFrom("a", "b", "A", " ", "\n", "é"), maxLength: 12 }),
        async (parts, chosen, message) => {
          const source = parts.map(([one, times]) => one + times).join("");
          const expected = matches(source, chosen, message);
          fc.pre(expected !== undefined);
          await expect(isTaken({ keys: [`/${source}/${chosen}`] }, message)).resolves.toBe(
            expected,
          );
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("that would take for ever in other hands end soon", async () => {
    const hostile = [
      "(a+)+$",
      "(a|a)*b",
      "(.*)*(.*)*(.*)*x",
      "(a?){400}a{400}",
      ".*.*.*.*.*.*=",
      "((a{1,100}){1,100}){1,100}b",
      "a{999999999999}{999999999999}",
      "(((((((((((x{99}){99}){99}){99}){99}){99}){99}){99}){99}){99}){99}){0}",
      String.raw`(\w+\s?)+!`,
      String.raw`(a+)\1+$`,
      "(?=(a+)+$)",
    ];
    const keys = hostile.flatMap((one) => Array.from({ length: 20 }, () => `/${one}/`));
    const lorebook = book([{ keys }, { keys, usesRegex: true }]);
    const started = cpuMs();
    await select(lorebook, ["a".repeat(100_000)]);
    expect(cpuMs() - started).toBeLessThan(10_000);
  });

  it("that cannot be done call nothing", async () => {
    await expect(isTaken({ keys: ["/(?=drag)/"] }, "dragon")).resolves.toBe(false);
    await expect(isTaken({ keys: [String.raw`/(a)\1/`] }, "aa")).resolves.toBe(false);
  });
});

/** Undefined: no expression, or none that fits between slashes. */
function matches(source: string, flags: string, message: string): boolean | undefined {
  try {
    return source === "" ? undefined : new RegExp(source, flags).test(message);
  } catch {
    return undefined;
  }
}
