import { ComponentType } from "discord-api-types/v10";
import type { APIButtonComponentWithCustomId, APIMessage } from "discord-api-types/v10";
import { expect, it } from "vitest";
import { startTestBot } from "../support/bot.ts";
import type { Person } from "../support/playground.ts";
import { say, ScriptedEngine } from "../support/scripted-engine.ts";

function buttonsOf({ components }: APIMessage): APIButtonComponentWithCustomId[] {
  return (components ?? []).flatMap((row) =>
    row.type === ComponentType.ActionRow
      ? row.components.filter(
          (one): one is APIButtonComponentWithCustomId =>
            one.type === ComponentType.Button && "custom_id" in one,
        )
      : [],
  );
}

/** The first state of a message with these words and a button of this name. */
async function waitForGreeting(person: Person, text: RegExp, counter: string) {
  return await person.waitForMessage(
    (message) =>
      text.test(message.content) && buttonsOf(message).some(({ label }) => label === counter),
  );
}

async function press(person: Person, message: APIMessage, action: string): Promise<void> {
  const id = buttonsOf(message).find((one) => one.custom_id.includes(`:${action}`))?.custom_id;
  await person.press(message, id ?? `no ${action}`);
}

it("lets people choose among a persona's greetings, and goes on from the one that is shown", async () => {
  const engine = new ScriptedEngine([say("The station hums.")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  await ada.runCommand("persona use", { name: "Game Master" });
  await ada.runCommand("chat");
  const opened = await ada.waitForMessage(({ content }) => content.startsWith("Here it is"));
  const threadId = /<#(\d+)>/.exec(opened.content)?.[1] ?? "";

  const first = await waitForGreeting(ada, /^Rain drums on the shutters/, "1/3 ▶");
  expect(first.channel_id).toBe(threadId);
  await press(ada, first, "next");
  const second = await waitForGreeting(ada, /^The airlock hisses/, "2/3 ▶");
  await press(ada, second, "next");
  const third = await waitForGreeting(ada, /^Sunlight on the old harbour/, "3/3 ▶");
  await press(ada, third, "previous");
  await ada.waitForMessage(
    (message) =>
      message.content.startsWith("The airlock hisses") &&
      ada.events.findIndex(({ d }) => d === message) > ada.events.findIndex(({ d }) => d === third),
  );
  expect(second.id).toBe(first.id);

  await ada.post(threadId, "Who is there?");
  await ada.waitForMessage(({ content }) => content === "The station hums.");
  const history = engine.requests[0]?.messages.slice(1, 3).map(({ role, text }) => [role, text]);
  expect(history).toEqual([
    ["assistant", expect.stringMatching(/^The airlock hisses.*"Welcome back, Ada\."/s)],
    ["user", "Who is there?"],
  ]);
  await ada.waitForMessage(
    (message) =>
      message.id === first.id &&
      message.content === second.content &&
      buttonsOf(message).length === 0,
  );
});
