/** How models that were trained on other formats begin a person's turn. */
const ROLE_MARKS = [
  "User:",
  "Human:",
  "USER:",
  "HUMAN:",
  "<|user|>",
  // As a heading of its own or with a colon: "### User guide" is an honest heading.
  "### User:",
  "### User\n",
  "### Human:",
  "### Human\n",
  "### Instruction:",
  "### Instruction\n",
];

const FENCE = /^[ \t>]*(?<ticks>`{3,})(?<rest>[^`]*)$/;

export interface ReadSpeech {
  /** How much of the text may be shown. */
  readonly length: number;
  /** Someone else's line begins here: it and all after it belong to no reply. */
  readonly hasEnded: boolean;
}

/**
 * Notices where a reply goes on with what someone else says: a line, not the first one and in no
 * code block, that begins with a person's label or a role. Nothing of such a line is ever shown: a
 * possible beginning is held back until the text goes on otherwise.
 */
export class OtherSpeakerGuard {
  readonly #marks: readonly string[];
  readonly #longest: number;
  #lineStart = 0;
  #searchedTo = 0;
  /** Backticks of the code block that is open; 0 outside of one. */
  #fenceTicks = 0;

  /** `labels` as they stand before the colon, by `toSpeakerLabel`. */
  constructor(labels: readonly string[]) {
    this.#marks = [...labels.map((label) => `${label}:`), ...ROLE_MARKS];
    this.#longest = Math.max(...this.#marks.map((mark) => mark.length));
  }

  /** Takes the whole text so far. */
  read(text: string): ReadSpeech {
    for (;;) {
      const judgement = this.#judgeLine(text);
      if (judgement !== "own") {
        return { length: this.#lengthBeforeLine(text), hasEnded: judgement === "other" };
      }
      const lineEnd = text.indexOf("\n", this.#searchedTo);
      this.#searchedTo = lineEnd === -1 ? text.length : lineEnd + 1;
      if (lineEnd === -1) return { length: text.length, hasEnded: false };
      this.#passFence(text.slice(this.#lineStart, lineEnd));
      this.#lineStart = lineEnd + 1;
    }
  }

  #judgeLine(text: string): "own" | "other" | "undecided" {
    if (this.#lineStart === 0 || this.#fenceTicks > 0) return "own";
    const beginning = text.slice(this.#lineStart, this.#lineStart + this.#longest);
    if (this.#marks.some((mark) => beginning.startsWith(mark))) return "other";
    return this.#marks.some((mark) => mark.startsWith(beginning)) ? "undecided" : "own";
  }

  /** Line ends before the line would only dangle. */
  #lengthBeforeLine(text: string): number {
    let length = this.#lineStart;
    while (length > 0 && /[\r\n]/.test(text[length - 1] ?? "")) length -= 1;
    return length;
  }

  #passFence(line: string): void {
    const { rest = "", ticks = "" } = FENCE.exec(line)?.groups ?? {};
    if (this.#fenceTicks === 0) this.#fenceTicks = ticks.length;
    else if (ticks.length >= this.#fenceTicks && rest.trim() === "") this.#fenceTicks = 0;
  }
}
