import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contentWordsIn, toFactKey } from "../../../src/chat/learning/content-words.ts";
import { judgeFacts } from "../../../src/chat/learning/judge-facts.ts";
import type { FactBasis } from "../../../src/chat/learning/judge-facts.ts";
import { MAX_FACT_LENGTH, MOST_FACTS } from "../../../src/chat/learning/proposal.ts";

interface Given extends Partial<FactBasis> {
  readonly said: readonly string[];
  readonly replaces?: number;
}

function judge(text: string, { replaces = 0, said, ...basis }: Given) {
  const facts = [{ text, replaces }];
  return judgeFacts(facts, { said, shown: [], known: [], ...basis });
}

describe("a fact is proposed", () => {
  it.each([
    ["Has two cats named Tom and Jerry.", "I've got two cats, they are called Tom and Jerry"],
    ["Lives in Berlin.", "I moved to Berlin last year"],
    ["Is learning Czech.", "I have been trying to learn Czech"],
    ["Likes hiking.", "hiking is what I love most"],
    ["Hat am 3. Mai Geburtstag.", "Mein Geburtstag ist der 3. Mai"],
    ["Ist 34 Jahre alt.", "ich bin 34 Jahre alt geworden"],
    ["住在上海", "我住在上海，很喜欢"],
  ])("where the person said so: %s", (fact, said) => {
    expect(judge(fact, { said: [said] })).toEqual([{ text: fact, replaces: undefined }]);
  });

  it("with its words from several messages", () => {
    const said = ["Do you know Prague?", "I am going there with my sister in May"];
    expect(judge("Goes to Prague in May with the sister.", { said })).toHaveLength(1);
  });

  it("as one line, whatever the model wrote", () => {
    const [fact] = judge("Keeps\n# bees\u2028 in\tthe garden ", {
      said: ["I keep bees in the garden"],
    });
    expect(fact?.text).toBe("Keeps # bees in the garden");
  });
});

describe("a fact is dropped", () => {
  it.each([
    ["that nobody said", "Is a doctor.", "I like to dance"],
    ["whose words are all empty ones", "Likes it.", "I like it"],
    ["of which half is invented", "Lives in Paris with a dog.", "my dog is asleep"],
    ["with a number that was not said", "Has 3 cats.", "I have cats"],
    ["that is a question", "Has cats?", "I have cats"],
    ["that is empty", " \n ", "I have cats"],
    ["that is too long", `Has cats${" and cats".repeat(30)}.`, "I have cats and cats"],
  ])("%s", (_why, fact, said) => {
    expect(judge(fact, { said: [said] })).toEqual([]);
  });

  it.each(["Has two cats", "Owns two cats, one of them red", "is someone with two cats"])(
    "where it is known already: %s",
    (known) => {
      expect(judge("Has two cats.", { said: ["my two cats"], known: [known] })).toEqual([]);
    },
  );

  it("where the same was written just before", () => {
    const facts = ["Has two cats.", "Owns two cats."].map((text) => ({ text, replaces: 0 }));
    const basis = { said: ["I have two cats"], shown: [], known: [] };
    expect(judgeFacts(facts, basis)).toHaveLength(1);
  });
});

describe("a note is replaced", () => {
  const shown = [
    { id: 7, text: "Lives in Berlin." },
    { id: 8, text: "Does not eat meat." },
  ];
  const known = shown.map(({ text }) => text);

  it("where the fact is about the same", () => {
    const said = ["I eat meat again"];
    expect(judge("Eats meat again.", { said, shown, known, replaces: 2 })).toEqual([
      { text: "Eats meat again.", replaces: 8 },
    ]);
  });

  it("where no more than the verb is the same", () => {
    expect(
      judge("Lives in Prague.", { said: ["Prague it is!"], shown, known, replaces: 1 }),
    ).toEqual([{ text: "Lives in Prague.", replaces: 7 }]);
  });

  it("also by a fact whose words it has all, as what denies it does", () => {
    expect(judge("Eats meat.", { said: ["I eat meat"], shown, known, replaces: 2 })).toEqual([
      { text: "Eats meat.", replaces: 8 },
    ]);
  });

  it("not where they have no word in common: the fact then stands beside it", () => {
    const said = ["I eat meat again"];
    expect(judge("Eats meat again.", { said, shown, known, replaces: 1 })).toEqual([
      { text: "Eats meat again.", replaces: undefined },
    ]);
  });

  it("not by a number that no note has", () => {
    const said = ["I eat meat again"];
    const [fact] = judge("Eats meat again.", { said, shown, known, replaces: 9 });
    expect(fact?.replaces).toBeUndefined();
  });
});

const words = fc.array(fc.constantFrom("tea", "bees", "Prague", "sister", "chess", "Tom", "red"), {
  minLength: 1,
  maxLength: 12,
});
const texts = fc.array(
  fc.oneof(
    words.map((list) => list.join(" ")),
    fc.string({ unit: "grapheme", maxLength: 200 }),
  ),
  { maxLength: 8 },
);

it("whatever a model writes, what is proposed is short, new, one line, and made of words that were said", () => {
  fc.assert(
    fc.property(texts, texts, texts, (written, said, known) => {
      const facts = written.map((text) => ({ text, replaces: 0 }));
      const judged = judgeFacts(facts, { said, shown: [], known });
      expect(judged.length).toBeLessThanOrEqual(MOST_FACTS);
      const keys = judged.map(({ text }) => toFactKey(text));
      expect(new Set(keys).size).toBe(keys.length);
      for (const { text } of judged) {
        expect(text.length).toBeLessThanOrEqual(MAX_FACT_LENGTH);
        expect(text).not.toMatch(/[\n\r\u2028\u2029]/);
        const spoken = new Set(contentWordsIn(said.join("\n")).map((word) => word.slice(0, 2)));
        expect(contentWordsIn(text).some((word) => spoken.has(word.slice(0, 2)))).toBe(true);
        expect(known.map(toFactKey)).not.toContain(toFactKey(text));
      }
    }),
  );
});

it("nothing is proposed of one who said nothing", () => {
  fc.assert(
    fc.property(texts, (written) => {
      const facts = written.map((text) => ({ text, replaces: 0 }));
      expect(judgeFacts(facts, { said: [], shown: [], known: [] })).toEqual([]);
    }),
  );
});

it("a fact is known again in another order, case and with other empty words", () => {
  expect(toFactKey("Has TWO cats!")).toBe(toFactKey("The person owns cats: two"));
  expect(toFactKey("Has two cats")).not.toBe(toFactKey("Has two dogs"));
});
