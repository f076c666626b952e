import type { Speaker } from "../place.ts";

const MAX_NAME_LENGTH = 32;

/** Nothing to see: controls, line ends, half characters, ignorables, the blank Braille pattern. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** Names that stand for a part in the conversation, or for Familiar itself. */
const ROLES: ReadonlySet<string> = new Set([
  "ai",
  "assistant",
  "bot",
  "char",
  "developer",
  "familiar",
  "function",
  "human",
  "instruction",
  "model",
  "system",
  "tool",
  "user",
  "you",
]);

/** As `nameSpeakers` tells people apart: nobody is called so by their own choice. */
const TOLD_APART = /\(\d+\)$/;

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
  return label === "" ? toNameless(speaker) : label;
}

/**
 * How each of several people is called. Whoever has the same label as someone else, as a part in the
 * conversation or as one of the `taken` names, is told apart by the end of their id.
 */
export function nameSpeakers(
  speakers: readonly Speaker[],
  taken: readonly string[],
): (speaker: Speaker) => string {
  const owners = new Map<string, Set<string>>();
  for (const speaker of speakers) {
    const key = toKey(toSpeakerLabel(speaker));
    owners.set(key, (owners.get(key) ?? new Set()).add(speaker.id));
  }
  const takenKeys = new Set(taken.map(toKey));
  return (speaker) => {
    const label = toSpeakerLabel(speaker);
    const key = toKey(label);
    const others = [...(owners.get(key) ?? [])].filter((id) => id !== speaker.id);
    const isPlain = others.length === 0 && !takenKeys.has(key) && !isReserved(key, speaker);
    return isPlain ? label : `${label} (${toShortId(speaker.id, others)})`;
  };
}

function isReserved(key: string, speaker: Speaker): boolean {
  if (ROLES.has(key) || ROLES.has(key.replace(/s$/, "")) || TOLD_APART.test(key)) return true;
  return /^user \d{4}$/.test(key) && key !== toKey(toNameless(speaker));
}

function toNameless({ id }: Speaker): string {
  return `User ${id.slice(-4)}`;
}

/** Letters that only look different are the same to who reads them. */
function toKey(label: string): string {
  return label.normalize("NFKC").toLowerCase().trim();
}

function toShortId(id: string, others: readonly string[]): string {
  const short = id.slice(-4);
  return others.some((other) => other.endsWith(short)) ? id : short;
}
