import { MessageFlags } from "discord-api-types/v10";
import type { APIMessage } from "discord-api-types/v10";
import { expect, it } from "vitest";
import { base64, png, tEXt } from "../cards/card-containers.ts";
import { charx, V2, V3 } from "../cards/card-files.ts";
import { startTestBot } from "../support/bot.ts";
import type { Person } from "../support/playground.ts";
import { ScriptedEngine } from "../support/scripted-engine.ts";

const IMPORT = "Import as persona";
const HOLIDAY = new File([png()], "holiday.png");
const LETTER = new File(["Hello"], "letter.txt");

/** The next answer that only this person sees. */
async function importFrom(person: Person, { id }: APIMessage): Promise<string> {
  const before = person.events.length;
  await person.runContextMenu(IMPORT, id);
  const { content } = await person.waitForMessage(
    (message) =>
      message.flags === MessageFlags.Ephemeral &&
      message.content !== "" &&
      person.events.findIndex(({ d }) => d === message) >= before,
  );
  return content;
}

async function postFiles(person: Person, ...files: readonly File[]): Promise<APIMessage> {
  const form = new FormData();
  form.set("payload_json", JSON.stringify({ content: "Look!" }));
  for (const [index, file] of files.entries()) form.set(`files[${index}]`, file, file.name);
  const path = `/channels/${person.channelId}/messages`;
  return (await person.request<APIMessage>("POST", path, form)).body;
}

it("makes a persona out of the first card among a message's files", async () => {
  await using test = await startTestBot(new ScriptedEngine([]));
  const { ada, ben } = test;
  const inPng = new File([png(tEXt("chara", base64(V2)))], "aqua.png");
  const posted = await postFiles(ben, LETTER, HOLIDAY, inPng);
  expect(await importFrom(ada, posted)).toBe("Done: **Aqua** is in the library.");
  expect(await importFrom(ada, posted)).toBe(
    'There is a persona called "Aqua" already: choose another name. ' +
      "Import the file under it with `/persona import name:`.",
  );

  const named = { ...V3, data: { ...V3.data, name: "Axel" } };
  const inZip = new File([charx(named)], "axel.charx");
  expect(await importFrom(ada, await postFiles(ben, inZip))).toBe(
    "Done: **Axel** is in the library.",
  );
  const inJson = new File([JSON.stringify({ ...V2.data, name: "Mia" })], "mia.json");
  expect(await importFrom(ada, await postFiles(ben, inJson))).toBe(
    "Done: **Mia** is in the library.",
  );
});

it("points to a command where Discord allows nobody the card's name", async () => {
  await using test = await startTestBot(new ScriptedEngine([]));
  const { ada } = test;
  const card = { ...V2, data: { ...V2.data, name: "Discord Dan" } };
  const posted = await postFiles(ada, new File([JSON.stringify(card)], "dan.json"));
  expect(await importFrom(ada, posted)).toMatch(
    /^Discord allows no name with "discord" in it.* `\/persona import name:`\.$/,
  );
});

it("says why a message makes no persona, and who may make one", async () => {
  await using test = await startTestBot(new ScriptedEngine([]));
  const { ada, ben } = test;
  const bare = await ben.post(ben.channelId, "Only words");
  expect(await importFrom(ada, bare)).toMatch(/^There is no file at this message/);
  const one = await postFiles(ben, HOLIDAY);
  expect(await importFrom(ada, one)).toMatch(/^The (?:file|picture|image|card|PNG)/i);
  const two = await postFiles(ben, HOLIDAY, LETTER);
  expect(await importFrom(ada, two)).toBe(
    "None of the 2 files at this message is a character card.",
  );
  expect(await importFrom(ben, two)).toMatch(/^You need the Manage Server or the Manage Channels/);
});
