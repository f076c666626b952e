import { InvalidInput } from "../chat/problem.ts";
import type { ChatFileMessage, ReadChatFile } from "./chat-file.ts";
import { decodeText } from "./decode-text.ts";
import { parseObject, toText } from "./json-value.ts";
import type { JsonObject } from "./json-value.ts";
import { MAX_FILE_BYTES, MAX_LINE_LENGTH, MAX_MESSAGES, MIB } from "./limits.ts";
import { readMessage } from "./read-message.ts";

/** Newer versions of SillyTavern write that for both names. */
const NO_NAME = "unused";

/**
 * Reads what can be read: a line that is damaged is counted and left out.
 *
 * @throws {InvalidInput} `chat-file-*`
 */
export function readChatFile(bytes: Uint8Array): ReadChatFile {
  if (bytes.length > MAX_FILE_BYTES) {
    throw new InvalidInput({ kind: "chat-file-too-large", mib: MAX_FILE_BYTES / MIB });
  }
  const { badLines, header, messages } = readLines(decodeText(bytes).split(/\r\n|\n|\r/));
  if (messages.length === 0) throw new InvalidInput({ kind: "chat-file-without-messages" });
  return { ...readNames(header, messages), badLines };
}

function readLines(lines: readonly string[]) {
  let header: JsonObject = {};
  const messages: ChatFileMessage[] = [];
  let badLines = 0;
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") continue;
    assertNotTooLong(line, index + 1);
    const value = parseObject(line);
    const message = value === undefined ? undefined : readMessage(value);
    if (message !== undefined) messages.push(message);
    else if (value !== undefined && messages.length === 0 && isHeader(value)) header = value;
    else badLines += 1;
    if (messages.length + badLines > MAX_MESSAGES) {
      throw new InvalidInput({ kind: "chat-file-too-many-messages", most: MAX_MESSAGES });
    }
  }
  return { badLines, header, messages };
}

function assertNotTooLong(line: string, number: number): void {
  if (line.length <= MAX_LINE_LENGTH) return;
  const mib = MAX_LINE_LENGTH / MIB;
  throw new InvalidInput({ kind: "chat-file-line-too-long", line: number, mib });
}

function isHeader(line: JsonObject): boolean {
  return ["chat_metadata", "user_name", "character_name", "create_date"].some((key) => key in line);
}

/** Who has no name in a line has the chat's. */
function readNames(header: JsonObject, messages: readonly ChatFileMessage[]) {
  const nameOf = (key: string, by: ChatFileMessage["by"]): string => {
    const name = toText(header[key]);
    if (name !== "" && name !== NO_NAME) return name;
    return messages.find((message) => message.by === by && message.name !== "")?.name ?? "";
  };
  const userName = nameOf("user_name", "user");
  const characterName = nameOf("character_name", "character");
  const named = messages.map((message) => {
    const name = message.by === "user" ? userName : characterName;
    return message.name === "" ? { ...message, name } : message;
  });
  return { userName, characterName, messages: named };
}
