import { expect, it } from "vitest";
import { MAX_FILE_BYTES, MAX_LINE_LENGTH, MAX_MESSAGES } from "../../src/chat-files/limits.ts";
import { readChatFile } from "../../src/chat-files/read-chat-file.ts";
import { readDate } from "../../src/chat-files/read-date.ts";
import { InvalidInput } from "../../src/chat/problem.ts";
import type { Problem } from "../../src/chat/problem.ts";

const HEADER = {
  user_name: "Ada",
  character_name: "Seraphina",
  create_date: "2023-7-10@14h32m15s123ms",
  chat_metadata: { note_prompt: "", timedWorldInfo: {} },
};

const GREETING = {
  name: "Seraphina",
  is_user: false,
  is_system: false,
  send_date: "July 10, 2023 2:32pm",
  mes: "*She smiles.* Welcome!",
  extra: {},
  swipe_id: 1,
  swipes: ["Hello.", "*She smiles.* Welcome!", "Who are you?"],
  swipe_info: [],
};

const ANSWER = {
  name: "Ada",
  is_user: true,
  is_system: false,
  send_date: 1_689_000_000_000,
  mes: "Hi!",
  extra: { isSmallSys: false },
  force_avatar: "User Avatars/ada.png",
};

function toBytes(...lines: readonly unknown[]): Uint8Array {
  const text = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line)));
  return new TextEncoder().encode(text.join("\n"));
}

function problemOf(bytes: Uint8Array): Problem | undefined {
  try {
    readChatFile(bytes);
    return undefined;
  } catch (error) {
    if (error instanceof InvalidInput) return error.problem;
    throw error;
  }
}

it("reads a chat as SillyTavern writes it", () => {
  expect(readChatFile(toBytes(HEADER, GREETING, ANSWER, ""))).toEqual({
    userName: "Ada",
    characterName: "Seraphina",
    badLines: 0,
    messages: [
      {
        name: "Seraphina",
        by: "character",
        texts: GREETING.swipes,
        shown: 1,
        sentAt: new Date("2023-07-10T14:32:00.000Z"),
      },
      {
        name: "Ada",
        by: "user",
        texts: ["Hi!"],
        shown: 0,
        sentAt: new Date(1_689_000_000_000),
      },
    ],
  });
});

it.each<[unknown, string | undefined]>([
  [1_689_000_000_000, "2023-07-10T14:40:00.000Z"],
  ["1689000000000", "2023-07-10T14:40:00.000Z"],
  [1_689_000_000, "2023-07-10T14:40:00.000Z"],
  ["2023-07-10T14:40:00.123Z", "2023-07-10T14:40:00.123Z"],
  ["2023-07-10 14:40:00", "2023-07-10T14:40:00.000Z"],
  ["2023-07-10T14:40:00+0200", "2023-07-10T12:40:00.000Z"],
  ["2023-7-10@14h40m5s", "2023-07-10T14:40:05.000Z"],
  ["2023-7-10 @14h 40m 5s 7ms", "2023-07-10T14:40:05.007Z"],
  ["2024-08-09 @07h 01m 02s 003ms", "2024-08-09T07:01:02.003Z"],
  ["July 10, 2023 2:40pm", "2023-07-10T14:40:00.000Z"],
  ["Jul 10, 2023, 12:05:09 AM", "2023-07-10T00:05:09.000Z"],
  ["10 juillet 2023 14:40", undefined],
  ["2023-99-99T99:99:99Z", undefined],
  [-5, undefined],
  [Number.MAX_SAFE_INTEGER, undefined],
  [null, undefined],
  [{}, undefined],
  ["", undefined],
])("reads the date %j as %s", (written, date) => {
  expect(readDate(written)?.toISOString()).toBe(date);
});

it("reads files without a header, with other line ends, and in other encodings", () => {
  const text = [ANSWER, GREETING].map((line) => JSON.stringify(line)).join("\r\n");
  const plain = readChatFile(new TextEncoder().encode(text));
  expect(plain).toMatchObject({ userName: "Ada", characterName: "Seraphina" });
  expect(plain.messages).toHaveLength(2);
  expect(readChatFile(new TextEncoder().encode(`\uFEFF${text}`))).toEqual(plain);
  expect(readChatFile(Buffer.from(`\uFEFF${text}`, "utf16le"))).toEqual(plain);
  const german = text.replace("Hi!", "Grüße!");
  const western = readChatFile(Buffer.from(german, "latin1"));
  expect(western.messages[0]?.texts).toEqual(["Grüße!"]);
});

it("keeps the names of a group's characters, and fills in those that are missing", () => {
  const { name: _, ...nameless } = ANSWER;
  const lines = [HEADER, GREETING, { ...GREETING, name: "Bob" }, nameless];
  expect(readChatFile(toBytes(...lines)).messages.map(({ name }) => name)).toEqual([
    "Seraphina",
    "Bob",
    "Ada",
  ]);
  const unused = { ...HEADER, user_name: "unused", character_name: "unused" };
  expect(readChatFile(toBytes(unused, GREETING, ANSWER))).toMatchObject({
    userName: "Ada",
    characterName: "Seraphina",
  });
});

it("knows hidden messages", () => {
  const hidden = { ...ANSWER, is_system: true };
  expect(readChatFile(toBytes(HEADER, ANSWER, hidden)).messages.map(({ by }) => by)).toEqual([
    "user",
    "hidden",
  ]);
});

it.each<[string, unknown, readonly string[], number]>([
  ["no swipes", { mes: "A" }, ["A"], 0],
  ["swipes that are none", { mes: "A", swipes: 7, swipe_id: 3 }, ["A"], 0],
  ["an id out of range", { mes: "B", swipes: ["A", "B"], swipe_id: 9 }, ["A", "B"], 1],
  ["no id", { mes: "A", swipes: ["A", "B"] }, ["A", "B"], 0],
  ["a message that was edited", { mes: "C", swipes: ["A", "B"], swipe_id: 0 }, ["C", "B"], 0],
  ["a message that is no swipe", { mes: "C", swipes: ["A", "B"] }, ["A", "B", "C"], 2],
  ["empty swipes", { mes: "B", swipes: ["", "A", "", "B"], swipe_id: 3 }, ["A", "B"], 1],
  ["no message", { swipes: ["A", "B"], swipe_id: 0 }, ["A", "B"], 0],
  ["an empty swipe that is shown", { mes: "", swipes: ["A", ""], swipe_id: 1 }, ["A"], 0],
  [
    "swipes with facts",
    { mes: "A", swipes: [{ mes: "A" }, { mes: "B" }], swipe_id: 0 },
    ["A", "B"],
    0,
  ],
])("reads %s", (_, line, texts, shown) => {
  expect(readChatFile(toBytes(line)).messages).toMatchObject([{ texts, shown }]);
});

it("counts the lines that it cannot read, and reads all others", () => {
  const cut = JSON.stringify(ANSWER).slice(0, 40);
  const lines = [HEADER, ANSWER, cut, "[1]", { ...ANSWER, mes: "" }, "null", GREETING];
  const { badLines, messages } = readChatFile(toBytes(...lines));
  expect(badLines).toBe(4);
  expect(messages).toHaveLength(2);
});

it("names the limit that a file goes beyond", () => {
  expect(problemOf(toBytes(HEADER))).toEqual({ kind: "chat-file-without-messages" });
  expect(problemOf(toBytes("PNG"))).toEqual({ kind: "chat-file-without-messages" });
  expect(problemOf(new Uint8Array(0))).toEqual({ kind: "chat-file-without-messages" });
  const long = { ...ANSWER, mes: "x".repeat(MAX_LINE_LENGTH) };
  expect(problemOf(toBytes(HEADER, ANSWER, long))).toEqual({
    kind: "chat-file-line-too-long",
    line: 3,
    mib: 1,
  });
  expect(problemOf(new Uint8Array(MAX_FILE_BYTES + 1))).toEqual({
    kind: "chat-file-too-large",
    mib: 8,
  });
  const many = Array.from({ length: MAX_MESSAGES + 1 }, () => ({ is_user: true, mes: "x" }));
  expect(problemOf(toBytes(...many))).toEqual({
    kind: "chat-file-too-many-messages",
    most: MAX_MESSAGES,
  });
});
