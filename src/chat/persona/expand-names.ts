/** Who is meant by the placeholders that authors of personas write. */
export interface MeantNames {
  /** The persona. */
  readonly char: string;
  /** The person it talks with. */
  readonly user: string;
}

const PLACEHOLDER = /\{\{\s*(char|user)\s*\}\}|<(bot|user)>/gi;

/** Puts names in the place of `{{char}}`, `{{user}}`, `<BOT>` and `<USER>`; names are not read again. */
export function expandNames(text: string, { char, user }: MeantNames): string {
  return text.replaceAll(PLACEHOLDER, (_, curly?: string, angle?: string) =>
    (curly ?? angle ?? "").toLowerCase() === "user" ? user : char,
  );
}
