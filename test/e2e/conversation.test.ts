import { rm } from "node:fs/promises";
import type { APIMessage } from "discord-api-types/v10";
import { expect, it, onTestFinished } from "vitest";
import { createFolder } from "../support/database.ts";
import { startFamiliar } from "../support/familiar-process.ts";
import { connectPerson } from "../support/playground.ts";
import type { Person } from "../support/playground.ts";

async function createOwnFolder(): Promise<string> {
  const folder = await createFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

async function openThread(person: Person, name: string): Promise<string> {
  const thread = await person.openThread(person.channelId, name);
  return thread.id;
}

/** Says something and waits for an answer that reads as expected. */
async function say(person: Person, channelId: string, content: string) {
  const { botUserId } = person.session;
  const said = await person.post(channelId, content);
  return (expected: string): Promise<APIMessage> =>
    person.waitForMessage(
      (message) =>
        message.channel_id === channelId &&
        message.author.id === botUserId &&
        BigInt(message.id) > BigInt(said.id) &&
        message.content === expected,
    );
}

it("remembers over a kill what it was told", async () => {
  const folder = await createOwnFolder();
  let threadId = "";
  {
    await using familiar = await startFamiliar(folder);
    await using ada = await connectPerson(familiar, "Ada");
    threadId = await openThread(ada, "Names");
    const told = await say(ada, threadId, `<@${ada.session.botUserId}> My name is Zorvak.`);
    await told("Nice to meet you, Zorvak.");
  }
  await using familiar = await startFamiliar(folder);
  await using ada = await connectPerson(familiar, "Ada");
  const asked = await say(ada, threadId, "What is my name?");
  await asked("Your name is Zorvak.");
});

it("never mixes two threads", async () => {
  const folder = await createOwnFolder();
  await using familiar = await startFamiliar(folder);
  await using ada = await connectPerson(familiar, "Ada");
  const [one, other] = [await openThread(ada, "One"), await openThread(ada, "Other")];
  const bot = `<@${ada.session.botUserId}>`;
  const [first, second] = await Promise.all([
    say(ada, one, `${bot} My name is Zorvak.`),
    say(ada, other, `${bot} My name is Mirelle.`),
  ]);
  await Promise.all([first("Nice to meet you, Zorvak."), second("Nice to meet you, Mirelle.")]);
  const [askedOne, askedOther] = await Promise.all([
    say(ada, one, "What is my name?"),
    say(ada, other, "What is my name?"),
  ]);
  await Promise.all([askedOne("Your name is Zorvak."), askedOther("Your name is Mirelle.")]);
});

it("stops on SIGTERM with status 0, and says nothing but what it should", async () => {
  const folder = await createOwnFolder();
  await using familiar = await startFamiliar(folder);
  const { code, output } = await familiar.stop("SIGTERM");
  expect(code, output).toBe(0);
  expect(output).not.toMatch(/\bat .*:\d+:\d+/);
});
