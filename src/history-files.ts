import { MAX_FILE_BYTES } from "./chat-files/limits.ts";
import { readChatFile } from "./chat-files/read-chat-file.ts";
import { writeChatFile } from "./chat-files/write-chat-file.ts";
import type { HistoryFiles } from "./chat/adopt/history-files.ts";

/** Joins the format of chat files to histories. */
export function createHistoryFiles(): HistoryFiles {
  return { maxBytes: MAX_FILE_BYTES, read: readChatFile, write: writeChatFile };
}
