import type { TimeWords } from "../time/time-words.ts";

/** Who is meant by the placeholders that authors of personas write. */
export interface MeantNames {
  /** The persona. */
  readonly char: string;
  /** The person it talks with. */
  readonly user: string;
}

/** Who and what is meant by them. */
export interface MeantWords extends MeantNames {
  /** Undefined: macros of time stay as they are. */
  readonly time?: TimeWords | undefined;
}

const PLACEHOLDER = /\{\{\s*([a-z]+)\s*\}\}|<(bot|user)>/gi;

/**
 * Puts names in the place of `{{char}}`, `{{user}}`, `<BOT>` and `<USER>`, and the time in that of
 * `{{date}}` and its like. What is put in is not read again.
 */
export function expandNames(text: string, { char, time, user }: MeantWords): string {
  const words: ReadonlyMap<string, string> = new Map(Object.entries({ ...time, char, user }));
  return text.replaceAll(PLACEHOLDER, (written: string, macro = "", sign = "") => {
    if (sign !== "") return sign.toLowerCase() === "user" ? user : char;
    return words.get(macro.toLowerCase()) ?? written;
  });
}
