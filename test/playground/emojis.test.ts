import type { APIMessage, APIWebhook } from "discord-api-types/v10";
import { expect, test } from "vitest";
import { connectPerson, startTestPlayground } from "../support/playground.ts";
import { connectBot, refusalCode } from "../support/playground-bot.ts";

const picture = Buffer.from("\u0089PNG\r\n\u001A\nrest", "latin1");
const attachment = `data:image/png;base64,${picture.toString("base64")}`;

test("a bot has emojis of its own, which it lists, renames and deletes", async () => {
  await using playground = await startTestPlayground();
  await using bot = await connectBot(playground);
  const { emojis } = bot.client.application;
  const made = await emojis.create({ name: "one", attachment });
  expect((await emojis.fetch()).map(({ name }) => name)).toEqual(["one"]);
  await made.edit({ name: "two" });
  expect((await emojis.fetch(made.id, { force: true })).name).toBe("two");
  await made.delete();
  expect(await emojis.fetch()).toHaveLength(0);
});

test("names and pictures are checked, and nobody else may make one", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using bot = await connectBot(playground);
  const { emojis } = bot.client.application;
  await emojis.create({ name: "taken", attachment });
  for (const name of ["x", "taken", "two words", "n".repeat(33)])
    expect(await refusalCode(emojis.create({ name, attachment }))).toBe(50035);
  const heavy = Buffer.concat([picture, Buffer.alloc(256 * 1024)]);
  expect(await refusalCode(emojis.create({ name: "heavy", attachment: heavy }))).toBe(50035);
  const path = `/applications/${ada.session.applicationId}/emojis`;
  expect((await ada.request("GET", path)).status).toBe(403);
});

test("a webhook's message shows an emoji as its picture, by the address that the CDN gives it", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using bot = await connectBot(playground);
  const { id } = await bot.client.application.emojis.create({ name: "face", attachment });
  const { body: webhook } = await ada.request<Required<APIWebhook>>(
    "POST",
    `/channels/${ada.channelId}/webhooks`,
    { name: "Courier" },
  );
  const { body: message } = await ada.request<APIMessage>(
    "POST",
    `/webhooks/${webhook.id}/${webhook.token}?wait=true`,
    { content: "x", avatar_url: bot.client.rest.cdn.emoji(id, { extension: "png", size: 128 }) },
  );
  const { avatar, id: authorId } = message.author;
  const shown = await fetch(new URL(`/avatars/${authorId}/${avatar}.png`, playground.pageUrl));
  expect(Buffer.from(await shown.arrayBuffer())).toEqual(picture);
});
