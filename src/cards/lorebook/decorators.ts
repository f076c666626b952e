import { toNumber } from "../format/lenient.ts";

/** What the lines at the head of an entry's text ask for. */
interface Decorators {
  readonly scanDepth?: number;
  /** Whether the entry is taken without any key, or never. */
  readonly isActive?: boolean;
  readonly additionalKeys?: readonly string[];
  readonly excludedKeys?: readonly string[];
  readonly position?: "after" | "before";
  /** Whether it is to stand among the newest messages, however deep. */
  readonly isLate?: boolean;
}

export interface DecoratedText {
  readonly text: string;
  readonly decorators: Decorators;
}

/** A fallback has three signs, and counts where the line before it is not known. */
const LINE = /^(@{2,3})([A-Za-z_]+)(?:[ \t]+(.*))?$/;

/**
 * Parts an entry's decorators from its text, which holds none of them afterwards. Those that depend
 * on what a client can do otherwise, such as `@@role`, are taken off and have no effect.
 *
 * @see https://github.com/kwaroran/character-card-spec-v3/blob/main/SPEC_V3.md#decorators
 */
export function parseDecorators(content: string): DecoratedText {
  const lines = content.trimStart().split("\n");
  const head = lines.findIndex((line) => line.trim() !== "" && !LINE.test(line.trimEnd()));
  const count = head < 0 ? lines.length : head;
  if (count === 0) return { text: content, decorators: {} };
  const decorators = lines.slice(0, count).reduce(readLine, { decorators: {}, isKnown: true });
  return { text: lines.slice(count).join("\n"), decorators: decorators.decorators };
}

interface Reading {
  readonly decorators: Decorators;
  /** Whether the line before was understood, so that its fallback does not count. */
  readonly isKnown: boolean;
}

function readLine({ decorators, isKnown }: Reading, line: string): Reading {
  const [, signs, name = "", value = ""] = LINE.exec(line.trimEnd()) ?? [];
  if (signs === undefined || (signs === "@@@" && isKnown)) return { decorators, isKnown };
  const known = readDecorator(name, value.trim());
  // Of several with one name, the first counts.
  return { decorators: { ...known, ...decorators }, isKnown: known !== undefined };
}

/** Undefined: one that is not known, or has a value that is not. */
function readDecorator(name: string, value: string): Decorators | undefined {
  switch (name) {
    case "scan_depth": {
      const scanDepth = toNumber(value);
      return scanDepth === undefined ? undefined : { scanDepth };
    }
    case "depth":
      return toNumber(value) === undefined ? undefined : { isLate: true };
    case "activate":
      return { isActive: true };
    case "dont_activate":
      return { isActive: false };
    case "additional_keys":
      return { additionalKeys: splitKeys(value) };
    case "exclude_keys":
      return { excludedKeys: splitKeys(value) };
    case "position":
      return readPosition(value);
    default:
      return undefined;
  }
}

function readPosition(value: string): Decorators | undefined {
  if (value === "before_desc") return { position: "before" };
  return value === "after_desc" ? { position: "after" } : undefined;
}

function splitKeys(value: string): readonly string[] {
  return value
    .split(",")
    .map((key) => key.trim())
    .filter((key) => key !== "");
}
