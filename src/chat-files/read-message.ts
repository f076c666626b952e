import type { ChatFileMessage } from "./chat-file.ts";
import { isObject, toText } from "./json-value.ts";
import type { JsonObject } from "./json-value.ts";
import { readDate } from "./read-date.ts";

/** Undefined where a line has no text. */
export function readMessage(line: JsonObject): ChatFileMessage | undefined {
  const { texts, shown } = readTexts(line);
  if (texts.length === 0) return undefined;
  const speaker = line["is_user"] === true ? "user" : "character";
  return {
    name: toText(line["name"]),
    by: line["is_system"] === true ? "hidden" : speaker,
    texts,
    shown,
    sentAt: readDate(line["send_date"]),
  };
}

/**
 * The message itself counts, where it is not what the swipes say: other programs change it alone.
 * Swipes that are still empty are left out.
 */
function readTexts(line: JsonObject): Pick<ChatFileMessage, "shown" | "texts"> {
  const message = toText(line["mes"]);
  const swipes = Array.isArray(line["swipes"]) ? line["swipes"].map(toSwipe) : [];
  const chosen = readChosen(line["swipe_id"], message, swipes);
  const texts = swipes.map((text, index) => (index === chosen && message !== "" ? message : text));
  if (chosen === -1 && message !== "") texts.push(message);
  const wanted = chosen === -1 ? texts.length - 1 : chosen;
  const before = texts.slice(0, wanted).filter((text) => text !== "").length;
  const kept = texts.filter((text) => text !== "");
  return { texts: kept, shown: Math.max(0, Math.min(before, kept.length - 1)) };
}

/** -1 where none of the swipes is shown. */
function readChosen(id: unknown, message: string, swipes: readonly string[]): number {
  const number = typeof id === "string" ? Number(id) : id;
  const isIndex = typeof number === "number" && Number.isInteger(number);
  if (isIndex && number >= 0 && number < swipes.length) return number;
  return message === "" ? swipes.length - 1 : swipes.lastIndexOf(message);
}

function toSwipe(value: unknown): string {
  return isObject(value) ? toText(value["mes"]) : toText(value);
}
