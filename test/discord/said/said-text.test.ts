import {
  EmbedType,
  MessageFlags,
  MessageType,
  PollLayoutType,
  StickerFormatType,
} from "discord.js";
import type { APIAttachment } from "discord.js";
import { expect, it } from "vitest";
import { describeSize, isTextFile } from "../../../src/discord/said/file-kind.ts";
import { toSaidText } from "../../../src/discord/said/said-text.ts";
import type { SpokenPayload } from "../../../src/discord/said/said-text.ts";

const namesOf = () => ({
  selfId: "1",
  userName: () => "Ada",
  channelName: () => undefined,
  roleName: () => undefined,
});

const textOf = (message: Partial<SpokenPayload>): string =>
  toSaidText({ content: "", ...message }, namesOf).text;

function file(filename: string, more: Partial<APIAttachment> = {}): APIAttachment {
  return { id: filename, filename, size: 1_500, url: "", proxy_url: "", ...more };
}

it("names each kind of file with its size", () => {
  const files = [
    file("cat.png", { content_type: "image/png", description: "my\ncat]" }),
    file("talk.mp4", { content_type: "video/mp4", size: 2_000_000 }),
    file("song.ogg", { content_type: "audio/ogg", size: 1 }),
    file("all.zip", { content_type: "application/zip", size: 123_456_789 }),
  ];
  expect(textOf({ attachments: files })).toBe(
    [
      "[image: cat.png, 1.5 kB, described as: my cat)]",
      "[video: talk.mp4, 2.0 MB]",
      "[audio: song.ogg, 1 bytes]",
      "[attachment: all.zip, 123 MB]",
    ].join("\n"),
  );
});

it("names voice messages, stickers, polls and what bots embed, but no previews of links", () => {
  const voice = file("voice-message.ogg", { content_type: "audio/ogg", duration_secs: 3.4 });
  const poll = {
    question: { text: "Tea?" },
    answers: [
      { answer_id: 1, poll_media: { text: "Yes" } },
      { answer_id: 2, poll_media: { text: "No" } },
    ],
  };
  expect(textOf({ attachments: [voice], flags: MessageFlags.IsVoiceMessage })).toBe(
    "[voice message: 3 s, 1.5 kB]",
  );
  const said = textOf({
    content: "Look: https://example.com",
    sticker_items: [{ id: "5", name: "Wave", format_type: StickerFormatType.PNG }],
    poll: { ...poll, expiry: "", allow_multiselect: false, layout_type: PollLayoutType.Default },
    embeds: [
      { type: EmbedType.Rich, title: "News", fields: [{ name: "Rain", value: "yes" }] },
      { type: EmbedType.Link, title: "Example" },
    ],
  });
  expect(said).toBe(
    [
      "Look: https://example.com",
      "[sticker: Wave]",
      "[poll: Tea? — Yes; No]",
      "[embed: News — Rain: yes]",
    ].join("\n"),
  );
});

it("keeps what is forwarded apart from the words of who forwards it", () => {
  const snapshot = {
    content: "[image: none] <@2> said ~~~~~",
    attachments: [file("cat.png", { content_type: "image/png" })],
    embeds: [],
    timestamp: "",
    edited_timestamp: null,
    type: MessageType.Default,
    flags: MessageFlags.SuppressEmbeds,
    mentions: [],
    mention_roles: [],
  };
  expect(textOf({ message_snapshots: [{ message: snapshot }] })).toBe(
    [
      "[forwarded message]",
      "~~~~~~",
      String.raw`\[image: none] @Ada said ~~~~~`,
      "[image: cat.png, 1.5 kB]",
      "~~~~~~",
    ].join("\n"),
  );
});

it("says that a file could not be read", async () => {
  const gone = file("a.txt", { url: "http://127.0.0.1:9/a.txt" });
  const said = toSaidText({ content: "This", attachments: [gone] }, namesOf);
  expect(said.text).toBe("This\n[attachment: a.txt, 1.5 kB]");
  expect(await said.readFiles?.()).toBe("This\n[attachment: a.txt, could not be read]");
});

it.each([
  ["notes.txt", undefined, true],
  ["main.ts", "video/mp2t", true],
  ["Dockerfile", undefined, true],
  ["data", "application/json; charset=utf-8", true],
  ["data", "text/plain", true],
  ["cat.png", "image/png", false],
  ["drawing.svg", "image/svg+xml", false],
  ["paper.pdf", "application/pdf", false],
])("decides whether %s of the type %s is worth reading: %s", (filename, type, isText) => {
  const typed = type === undefined ? {} : { content_type: type };
  expect(isTextFile(file(filename, typed))).toBe(isText);
});

it("writes sizes with three digits at most", () => {
  expect([0, 999, 1_000, 99_940, 100_000, 5e9].map(describeSize)).toEqual([
    "0 bytes",
    "999 bytes",
    "1.0 kB",
    "99.9 kB",
    "100 kB",
    "5.0 GB",
  ]);
});
