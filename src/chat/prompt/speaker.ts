import type { Speaker } from "../place.ts";

const MAX_NAME_LENGTH = 32;

/** Nothing to see: controls, line ends, half characters, ignorables, the blank Braille pattern. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/**
 * A name as the model reads it at the beginning of a line, `Ada: ...`. Names are chosen by their
 * owners: line ends, invisible characters and colons would let one name pass for another, or for a
 * line of its own.
 */
export function toSpeakerLabel(speaker: Speaker): string {
  const visible = speaker.name
    .normalize("NFC")
    .replaceAll(INVISIBLE, " ")
    .replaceAll(/[:\s]+/g, " ")
    .trim();
  const label = Array.from(visible).slice(0, MAX_NAME_LENGTH).join("").trim();
  return label === "" ? `User ${speaker.id.slice(-4)}` : label;
}
