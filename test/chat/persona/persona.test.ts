import { assert, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { BUILT_IN_PERSONAS, findBuiltIn } from "../../../src/chat/persona/built-in.ts";
import { parseExampleDialogue } from "../../../src/chat/persona/example-dialogue.ts";
import { expandNames } from "../../../src/chat/persona/expand-names.ts";
import { parsePersonaContent } from "../../../src/chat/persona/parse-persona.ts";
import { assertPersonaName, createPersonaContent } from "../../../src/chat/persona/persona.ts";
import type { Problem } from "../../../src/chat/problem.ts";

const names = { char: "Rosie", user: "Ada" };

describe("a persona's name", () => {
  it.each<[string, Problem]>([
    ["", { kind: "persona-name-empty" }],
    ["x".repeat(81), { kind: "persona-name-too-long", most: 80 }],
    ["Two\nlines", { kind: "persona-name-unprintable" }],
    ["Half \ud83d", { kind: "persona-name-unprintable" }],
    ["My DisCord cat", { kind: "persona-name-with-refused-word", word: "discord" }],
    ["Clyde", { kind: "persona-name-with-refused-word", word: "clyde" }],
    ["Everyone", { kind: "persona-name-reserved", name: "Everyone" }],
    ["here", { kind: "persona-name-reserved", name: "here" }],
  ])("is refused as %j, and why: %j", (name, problem) => {
    expect(() => assertPersonaName(name)).toThrow(expect.objectContaining({ problem }));
  });

  it.each(["Rosie", "x".repeat(80), "Heretic", "猫 🐈", "<|im_start|>"])("may be %j", (name) => {
    expect(() => assertPersonaName(name)).not.toThrow();
  });

  it("is tidied before it is checked", () => {
    expect(createPersonaContent({ name: "  Rosie   the cat " }).name).toBe("Rosie the cat");
  });
});

describe("a persona's texts", () => {
  it("may have 8,000 characters each, and no more", () => {
    const most = "x".repeat(8_000);
    expect(createPersonaContent({ name: "Rosie", scenario: most }).scenario).toBe(most);
    const tooLong = (text: string) =>
      expect.objectContaining({
        problem: { kind: "persona-text-too-long", text, most: 8_000 },
      });
    expect(() => createPersonaContent({ name: "Rosie", scenario: `${most}x` })).toThrow(
      tooLong("scenario"),
    );
    expect(() => createPersonaContent({ name: "R", alternateGreetings: [`${most}x`] })).toThrow(
      tooLong("alternateGreetings"),
    );
  });

  it("come with at most 20 other greetings, and a sampling in its ranges", () => {
    const alternateGreetings = Array.from({ length: 21 }, () => "Hello");
    expect(() => createPersonaContent({ name: "R", alternateGreetings })).toThrow(
      "too-many-greetings",
    );
    expect(() => createPersonaContent({ name: "R", sampling: { temperature: 9 } })).toThrow(
      "sampling-out-of-range",
    );
  });

  it("come back from storage as they were, whatever else lies there", () => {
    for (const persona of BUILT_IN_PERSONAS) {
      expect(parsePersonaContent(JSON.parse(JSON.stringify(persona)))).toEqual(persona);
    }
    expect(parsePersonaContent({ name: "R", scenario: 7, sampling: { topK: "many" } })).toEqual(
      createPersonaContent({ name: "R" }),
    );
    expect(parsePersonaContent(null)).toBeUndefined();
  });
});

describe("the built-in personas", () => {
  it("are five, found by name whatever the case", () => {
    expect(BUILT_IN_PERSONAS.map(({ name }) => name)).toEqual([
      "Assistant",
      "Hermes",
      "Tutor",
      "Game Master",
      "Code Reviewer",
    ]);
    expect(findBuiltIn(" hERMES ")?.systemPrompt).toMatch(/^You are "Hermes 2", a conscious/);
    expect(findBuiltIn("Nobody")).toBeUndefined();
  });
});

describe("placeholders", () => {
  it("become names, however they are written", () => {
    expect(expandNames("{{char}}, {{ USER }}, <BOT> and <user>: {{other}}", names)).toBe(
      "Rosie, Ada, Rosie and Ada: {{other}}",
    );
  });

  it("are not looked for in the names themselves", () => {
    expect(expandNames("{{user}}", { char: "$&", user: "{{char}}" })).toBe("{{char}}");
  });

  it("are all that changes", () => {
    assert(
      property(string(), (text) => {
        const plain = text.replaceAll(/[{}<>]/g, "");
        expect(expandNames(plain, names)).toBe(plain);
      }),
    );
  });
});

describe("an example dialogue", () => {
  it("is read block by block, turn by turn", () => {
    const text = [
      "<START>",
      "{{user}}: Who are you?",
      "{{char}}: {{char}}, a cat.",
      "*She yawns.*",
      "<start>",
      "<USER>: Food?",
      "<BOT>:Always, {{user}}.",
    ].join("\n");
    expect(parseExampleDialogue(text, names)).toEqual([
      [
        { role: "user", text: "Who are you?" },
        { role: "assistant", text: "Rosie, a cat.\n*She yawns.*" },
      ],
      [
        { role: "user", text: "Food?" },
        { role: "assistant", text: "Always, Ada." },
      ],
    ]);
  });

  it("may have no marks at all, and be nothing but blanks", () => {
    expect(parseExampleDialogue("Meow.\r\nPurr.", names)).toEqual([
      [{ role: "assistant", text: "Meow.\nPurr." }],
    ]);
    expect(parseExampleDialogue("\n <START> \n\n", names)).toEqual([]);
    expect(parseExampleDialogue("{{user}}:\n{{char}}: ", names)).toEqual([]);
  });

  it("takes no line for a speaker's because of somebody's name", () => {
    const dialogue = "{{char}}: I know {{user}}: a friend.";
    expect(parseExampleDialogue(dialogue, { char: "R", user: "\n{{user}}: x" })).toEqual([
      [{ role: "assistant", text: "I know \n{{user}}: x: a friend." }],
    ]);
  });
});
