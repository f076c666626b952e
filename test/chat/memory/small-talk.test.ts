import { assert, property, string } from "fast-check";
import { expect, it } from "vitest";
import { withoutSmallTalk } from "../../../src/chat/memory/small-talk.ts";

it.each([
  "ok thanks",
  "OK, thanks!",
  "Haha 😂😂",
  "Good morning!",
  "hey, how are you?",
  "That’s great, thank you so much!",
  "yes please",
  "see you tomorrow",
  "sure, go on",
  "Go on!\nGreat idea :)",
  "Danke schön, bis morgen!",
  "Alles klar :)",
  "?!",
  "",
])("leaves nothing of %s", (said) => {
  expect(withoutSmallTalk(said)).toBe("");
});

it.each([
  ["What is my name?", "What is my name?"],
  ["Thanks! What did I say about Rome?", "What did I say about Rome?"],
  ["When did we go on a trip?", "When did we go on a trip?"],
  ["Goodness, the okapi", "Goodness, the okapi"],
  ["Wie heißt mein Hund?", "Wie heißt mein Hund?"],
  ["東京", "東京"],
  ["42", "42"],
])("leaves what %s is about", (said, left) => {
  expect(withoutSmallTalk(said).replaceAll(/^[\s!]+/g, "")).toBe(left);
});

it("adds nothing to any text", () => {
  assert(
    property(string({ unit: "grapheme", maxLength: 200 }), (said) => {
      const words = withoutSmallTalk(said).split(/\s+/);
      const rest = said.replaceAll("’", "'");
      expect(words.every((word) => rest.includes(word))).toBe(true);
    }),
  );
});
