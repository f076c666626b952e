type TimeMacro = "date" | "time" | "weekday" | "isodate" | "isotime";

/** What macros stand for. None of the texts is itself looked into for macros. */
export interface MacroContext {
  /** The character's nickname, or its name. */
  readonly char: string;
  readonly user: string;
  /** What a card's system prompt or closing instructions stand in place of. */
  readonly original?: string;
  /** What the macros of time stand for, by their names; without it they stay as they are. */
  readonly time?: Readonly<Record<TimeMacro, string>> | undefined;
  /** From 0 to 1. */
  readonly random: () => number;
}
