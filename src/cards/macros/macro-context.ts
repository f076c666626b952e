/** What macros stand for. None of the texts is itself looked into for macros. */
export interface MacroContext {
  /** The character's nickname, or its name. */
  readonly char: string;
  readonly user: string;
  /** What a card's system prompt or closing instructions stand in place of. */
  readonly original?: string;
  readonly date?: Date;
  /** Default: the machine's. */
  readonly timeZone?: string;
  /** From 0 to 1. */
  readonly random: () => number;
}
