import { array, assert, constantFrom, property, record, string } from "fast-check";
import { expect, it } from "vitest";
import type { PromptMessage } from "../../../src/chat/ports.ts";
import { joinMessages } from "../../../src/inference/prompt/join-messages.ts";

const system = (text: string): PromptMessage => ({ role: "system", text });
const user = (text: string): PromptMessage => ({ role: "user", text });
const assistant = (text: string): PromptMessage => ({ role: "assistant", text });

it("has what the system says between turns said before what a person says next", () => {
  const messages = [
    system("Be kind."),
    system("[Monday]"),
    user("Hello"),
    assistant("Hi"),
    system("[3 days later]"),
    user("Still there?"),
    system("Be brief."),
  ];
  expect(joinMessages(messages)).toEqual([
    system("Be kind.\n\n[Monday]"),
    user("Hello"),
    assistant("Hi"),
    user("[3 days later]\n\nStill there?"),
    system("Be brief."),
  ]);
});

it("parts two turns of the assistant's by it, and joins two of people's", () => {
  const messages = [assistant("Meow"), system("[Monday]"), assistant("Hi"), user("1"), user("2")];
  expect(joinMessages(messages)).toEqual([
    assistant("Meow"),
    user("[Monday]"),
    assistant("Hi"),
    user("1\n\n2"),
  ]);
});

it("leaves a system prompt without text out", () => {
  expect(joinMessages([system(""), user("Hello")])).toEqual([user("Hello")]);
});

it("has roles that alternate, and no system between them", () => {
  const role = constantFrom<PromptMessage["role"]>("system", "user", "assistant");
  const messages = array(record({ role, text: string({ minLength: 1, maxLength: 4 }) }));
  assert(
    property(messages, (given) => {
      const joined = joinMessages(given);
      const roles = joined.map((message) => message.role);
      expect(roles.every((one, index) => one !== roles[index + 1])).toBe(true);
      const lastQuestion = roles.lastIndexOf("user");
      expect(roles.slice(1, Math.max(1, lastQuestion))).not.toContain("system");
      expect(joined.map(({ text }) => text).join("\n\n")).toBe(
        given.map(({ text }) => text).join("\n\n"),
      );
    }),
  );
});
