import { expect, it } from "vitest";
import { toChannelId, toGuildId, toMessageId } from "../../src/chat/ids.ts";
import type { Place } from "../../src/chat/place.ts";
import { createPlaceReader } from "../../src/discord/place-reader.ts";
import { createRestOptions } from "../../src/discord/rest/rest-options.ts";
import { RecordingLog } from "../support/database-log.ts";
import { connectPerson, startTestPlayground } from "../support/playground.ts";
import { connectBot } from "../support/playground-bot.ts";

const MESSAGES = { method: "GET", path: "/channels/:channel/messages" };
/** A request and its two repetitions. */
const TIMES = 3;
const FIRST = toMessageId("1");
const LAST = toMessageId("9000000000000000000");

async function openReader() {
  const playground = await startTestPlayground();
  const rest = createRestOptions({ apiUrl: playground.apiUrl });
  const bot = await connectBot(playground, { rest });
  const ada = await connectPerson(playground, "Ada");
  const log = new RecordingLog();
  const id = toChannelId(ada.channelId);
  const place: Place = { kind: "channel", id, guildId: toGuildId(ada.session.guildId) };
  const reader = createPlaceReader(bot.client, log);
  return {
    ada,
    log,
    place,
    playground,
    reader,
    async [Symbol.asyncDispose]() {
      await ada[Symbol.asyncDispose]();
      await bot[Symbol.asyncDispose]();
      await playground[Symbol.asyncDispose]();
    },
  };
}

it("reads what was said after a message, oldest first", async () => {
  await using test = await openReader();
  const { ada, place, reader } = test;
  const { id } = await ada.post(place.id, "One");
  await ada.post(place.id, "Two");
  await ada.post(place.id, "Three");
  const messages = await reader.messagesAfter(place, toMessageId(id), 100);
  expect(messages.map(({ text }) => text)).toEqual(["Two", "Three"]);
});

it("has nothing to read in a place that is gone or closed to it", async () => {
  await using test = await openReader();
  const { log, place, playground, reader } = test;
  expect(await reader.messagesAfter({ kind: "direct", id: toChannelId("1") }, FIRST, 100)).toEqual(
    [],
  );
  playground.faults.answer({ ...MESSAGES, status: 403, code: 50_001 });
  expect(await reader.messagesAfter(place, FIRST, 100)).toEqual([]);
  expect(log.lines).toEqual([]);
});

it("does not take a server's fault for a place where nothing was said", async () => {
  await using test = await openReader();
  const { ada, place, playground, reader } = test;
  await ada.post(place.id, "One");
  playground.faults.answer({ ...MESSAGES, status: 500, times: TIMES });
  await expect(reader.messagesAfter(place, FIRST, 100)).rejects.toMatchObject({
    code: "discord-failed",
  });
  expect(await reader.messagesAfter(place, FIRST, 100)).not.toEqual([]);
});

it("goes without what was said before a message where that cannot be read, with a line in the log", async () => {
  await using test = await openReader();
  const { log, place, playground, reader } = test;
  playground.faults.answer({ ...MESSAGES, status: 500, times: TIMES });
  expect(await reader.messagesBefore(place, LAST, 100)).toEqual([]);
  expect(log.lines).toEqual(["Messages could not be read back"]);
});
