import { type ScannedText, toScannedText } from "./key-matcher.ts";

const DEFAULT_SCAN_DEPTH = 4;
/** Older text than this is never searched, however deep a lorebook asks to. */
const MAX_LENGTH = 32_768;

/** The newest messages, as far back as an entry looks. */
export class ScannedMessages {
  readonly #messages: readonly string[];
  readonly #byDepth = new Map<number, ScannedText>();

  /** Newest last. */
  constructor(messages: readonly string[]) {
    this.#messages = messages;
  }

  take(depth = DEFAULT_SCAN_DEPTH): ScannedText {
    const count = Math.min(this.#messages.length, Math.max(0, Math.floor(depth)));
    const known = this.#byDepth.get(count);
    if (known !== undefined) return known;
    const scanned = toScannedText(this.#join(count));
    this.#byDepth.set(count, scanned);
    return scanned;
  }

  #join(count: number): string {
    const newest: string[] = [];
    let room = MAX_LENGTH;
    for (const message of this.#messages.slice(this.#messages.length - count).toReversed()) {
      if (room <= 0) break;
      newest.push(message.slice(-room));
      room -= message.length + 1;
    }
    return newest.toReversed().join("\n");
  }
}

/** The texts of entries, which may bring in others. */
export function scanEntries(texts: readonly string[]): ScannedText {
  return toScannedText(texts.join("\n").slice(0, MAX_LENGTH));
}
