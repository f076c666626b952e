import { ComponentType, MessageFlags } from "discord-api-types/v10";
import type { APIMessage } from "discord-api-types/v10";
import { expect, it } from "vitest";
import { startTestBot, waitForReply } from "../support/bot.ts";
import type { TestBot } from "../support/bot.ts";
import { connectPerson } from "../support/playground.ts";
import type { Person } from "../support/playground.ts";
import { createGate, end, say, ScriptedEngine, waitFor } from "../support/scripted-engine.ts";

function waitForPrivate(person: Person, text: RegExp): Promise<APIMessage> {
  return person.waitForMessage(
    ({ content, flags }) => flags === MessageFlags.Ephemeral && text.test(content),
  );
}

function labelsOf({ components }: APIMessage): (string | undefined)[] {
  return (components ?? []).flatMap((row) =>
    row.type === ComponentType.ActionRow
      ? row.components.map((one) => ("label" in one ? one.label : undefined))
      : [],
  );
}

/** Ben with a German client. */
function connectGermanBen({ playground }: TestBot): Promise<Person> {
  return connectPerson(playground, "Ben", "de");
}

async function makeGerman({ ada, bot }: TestBot): Promise<void> {
  const path = `/guilds/${ada.session.guildId}`;
  await ada.request("PATCH", path, { preferred_locale: "de" });
  await expect
    .poll(() => bot.client.guilds.cache.get(ada.session.guildId)?.preferredLocale)
    .toBe("de");
}

it("answers everyone in the language of their own client", async () => {
  await using test = await startTestBot(new ScriptedEngine([]));
  const { ada } = test;
  await using ben = await connectGermanBen(test);
  await ada.runCommand("context show");
  await waitForPrivate(ada, /^There is nothing to see: we have not talked here\.$/);
  await ben.runCommand("context show");
  await waitForPrivate(ben, /^Hier gibt es nichts zu sehen: Wir haben hier noch nicht geredet\.$/);
  await ben.runCommand("stop");
  await waitForPrivate(ben, /^Hier gibt es nichts zu stoppen/);
  await ben.runCommand("system reset");
  await waitForPrivate(ben, /^Dafür brauchst du die Berechtigung „Kanäle verwalten“\.$/);
  await ben.runCommand("persona show", { name: "Nobody" });
  await waitForPrivate(ben, /^Eine Persona namens „Nobody“ gibt es hier nicht/);
});

it("writes its forms and proposals in the language of the client", async () => {
  await using test = await startTestBot(new ScriptedEngine([]));
  await using ben = await connectGermanBen(test);
  const dm = await ben.openDm(ben.session.botUserId);
  const outcome = await ben.runCommand("system set", {}, dm.id);
  if (outcome.kind !== "modal") throw new Error(`no form: ${outcome.kind}`);
  expect(outcome.modal.title).toBe("System-Prompt");
  const proposed = await ben.autocomplete("persona show", "name", { name: "herm" });
  expect(proposed).toEqual([{ name: "Hermes (eingebaut)", value: "Hermes" }]);
});

it("speaks German where everyone reads it, in a server that prefers it", async () => {
  const gate = createGate();
  const engine = new ScriptedEngine(
    [[{ kind: "say", text: "Es war" }, waitFor(gate), end("length")], say("Da.")],
    4_096,
    1,
  );
  await using test = await startTestBot(engine);
  const { ada } = test;
  await makeGerman(test);
  const first = await ada.openThread(ada.channelId, "Eins");
  await ada.post(first.id, `<@${ada.session.botUserId}> Erzähl`);
  const running = await waitForReply(ada, first.id, "Es war");
  expect(labelsOf(running)).toEqual(["■ Stopp"]);
  const second = await ada.openThread(ada.channelId, "Zwei");
  await ada.post(second.id, `<@${ada.session.botUserId}> Und du?`);
  await waitForReply(ada, second.id, "-# ⏳ Du bist als Nächstes an der Reihe.");
  gate.open();
  const cut = await waitForReply(
    ada,
    first.id,
    /^Es war\n-# ✂ Abgeschnitten bei [\d.]+ Tokens.* Drück auf Weiter oder sag „weiter“/,
  );
  expect(labelsOf(cut)).toEqual(["↻ Neu schreiben", "… Weiter", "⋯"]);
  await waitForReply(ada, second.id, "Da.");
});

it("speaks in direct messages as the person's client does, as far as it is known", async () => {
  const engine = new ScriptedEngine([
    [{ kind: "say", text: "One" }, end("length")],
    [{ kind: "say", text: "Zwei" }, end("length")],
  ]);
  await using test = await startTestBot(engine);
  await using ben = await connectGermanBen(test);
  const dm = await ben.openDm(ben.session.botUserId);
  await ben.post(dm.id, "Hello");
  await waitForReply(ben, dm.id, /^One\n-# ✂ Cut at/);
  await ben.runCommand("system show", {}, dm.id);
  await waitForPrivate(ben, /^$/);
  await ben.post(dm.id, "Hallo");
  await waitForReply(ben, dm.id, /^Zwei\n-# ✂ Abgeschnitten bei/);
});

it("refuses before it acknowledges, so that a refusal is the first answer", async () => {
  await using test = await startTestBot(new ScriptedEngine([say("Hello.")]));
  const { ada, ben } = test;
  const thread = await ada.openThread(ada.channelId, "Talk");
  await ada.post(thread.id, `<@${ada.session.botUserId}> Hello`);
  await waitForReply(ada, thread.id, "Hello.");
  await ben.runCommand("persona use", { name: "Hermes", scope: "server" });
  await waitForPrivate(ben, /^You need the Manage Server permission for that\.$/);
  await ben.runCommand("reset", {}, thread.id);
  await waitForPrivate(ben, /^Only who opened this thread/);
  await ben.runCommand("sampling set", {}, ben.channelId);
  await waitForPrivate(ben, /^You need the Manage Channels permission for that\.$/);
  await ada.runCommand("sampling set");
  await waitForPrivate(ada, /^Name at least one value to set\.$/);
  const isEdit = ({ d, t }: Person["events"][number]): boolean =>
    t === "MESSAGE_UPDATE" && d.flags === MessageFlags.Ephemeral;
  expect([...ada.events, ...ben.events].filter(isEdit)).toEqual([]);
});

it("has a person's own menu in their language, whatever the server prefers", async () => {
  await using test = await startTestBot(new ScriptedEngine([say("Hello.")]));
  await using ben = await connectGermanBen(test);
  await ben.post(ben.channelId, `<@${ben.session.botUserId}> Hallo`);
  const reply = await ben.waitForMessage((message) => labelsOf(message).includes("⋯"));
  expect(labelsOf(reply)).toEqual(["↻ Regenerate", "⋯"]);
  const row = reply.components?.[0];
  const buttons = row?.type === ComponentType.ActionRow ? row.components : [];
  const menu = buttons.find((one) => "label" in one && one.label === "⋯");
  await ben.press(reply, menu !== undefined && "custom_id" in menu ? menu.custom_id : "");
  const shown = await waitForPrivate(ben, /^$/);
  expect(labelsOf(shown)).toEqual(["↳ Hier abzweigen", "✎ Das merken", "✕ Löschen"]);
});
