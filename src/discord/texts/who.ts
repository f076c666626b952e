import { NOBODY } from "../../chat/ids.ts";
import type { Speaker } from "../../chat/place.ts";
import { privacyTexts } from "./privacy.ts";
import type { Text } from "./text.ts";

/** A person as Discord shows them; nobody's name of those who had themselves forgotten. */
export function toWho({ id }: Pick<Speaker, "id">): Text {
  if (id === NOBODY) return privacyTexts.someone;
  return { en: `<@${id}>`, de: `<@${id}>` };
}
