import type { ChatFile, ChatFileMessage } from "./chat-file.ts";

/** What SillyTavern reads: its chats are imported under "Manage chat files". */
export function writeChatFile({ characterName, messages, userName }: ChatFile): string {
  const header = {
    user_name: userName,
    character_name: characterName,
    ...toDate("create_date", messages[0]?.sentAt),
    chat_metadata: {},
  };
  return [header, ...messages.map(toLine)].map((line) => `${JSON.stringify(line)}\n`).join("");
}

function toLine(message: ChatFileMessage) {
  const { by, name, sentAt, shown, texts } = message;
  return {
    name,
    is_user: by === "user",
    is_system: by === "hidden",
    ...toDate("send_date", sentAt),
    mes: texts[shown] ?? "",
    extra: {},
    ...(texts.length > 1 ? toSwipes(message) : {}),
  };
}

function toSwipes({ sentAt, shown, texts }: ChatFileMessage) {
  return {
    swipe_id: shown,
    swipes: texts,
    swipe_info: texts.map(() => ({ ...toDate("send_date", sentAt), extra: {} })),
  };
}

function toDate(key: string, date: Date | undefined) {
  return date === undefined ? {} : { [key]: date.toISOString() };
}
