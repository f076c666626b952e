import { MessageFlags } from "discord-api-types/v10";
import { expect, it } from "vitest";
import { startTestBot, waitForReply } from "../support/bot.ts";
import type { Person } from "../support/playground.ts";
import { say, ScriptedEngine } from "../support/scripted-engine.ts";

const CARD = {
  spec: "chara_card_v2",
  data: {
    name: "Rosie",
    system_prompt: "You are {{char}}.",
    description: "A cat.",
    character_book: {
      entries: [
        { keys: [], content: "Cats rule here.", constant: true, enabled: true },
        { keys: ["castle"], content: "The castle is {{user}}'s.", enabled: true },
      ],
    },
  },
};

function waitForPrivate(person: Person, text: RegExp) {
  return person.waitForMessage(
    ({ content, flags }) => flags === MessageFlags.Ephemeral && text.test(content),
  );
}

it("tells the model what a card's lorebook says to the moment, and shows what it takes", async () => {
  const engine = new ScriptedEngine([say("A cat."), say("Far away."), say("No.")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  const card = new File([JSON.stringify(CARD)], "rosie.json");
  await ada.runCommand("persona import", { card });
  await waitForPrivate(ada, /^Done: \*\*Rosie\*\* is in the library/);
  await ada.runCommand("persona use", { name: "Rosie", scope: "server" });
  await waitForPrivate(ada, /^Done: \*\*Rosie\*\* answers/);

  const { id } = await ada.openThread(ada.channelId, "Talk");
  await ada.post(id, `<@${ada.session.botUserId}> Who are you?`);
  await waitForReply(ada, id, "A cat.");
  await ada.post(id, "Where is the castle?");
  const reply = await waitForReply(ada, id, "Far away.");
  const system = { role: "system", text: "You are Rosie.\n\nA cat.\n\nCats rule here." };
  expect(engine.requests[0]?.messages).toEqual([system, { role: "user", text: "Who are you?" }]);
  expect(engine.requests[1]?.messages).toEqual([
    system,
    { role: "user", text: "Who are you?" },
    { role: "assistant", text: "A cat." },
    { role: "user", text: "Where is the castle?" },
    { role: "system", text: "The castle is Ada's." },
  ]);

  await ada.runCommand("context show", {}, id);
  await waitForPrivate(ada, /▞ Lorebook +\d+\n/);
  await ada.runContextMenu("Regenerate", reply.id, id);
  await waitForReply(ada, id, "No.");
  expect(engine.requests[2]?.messages).toEqual(engine.requests[1]?.messages);
});
