/** A regular expression as a tree. */
export type PatternNode =
  | { readonly kind: "character"; readonly source: string }
  | { readonly kind: "assertion"; readonly source: Assertion }
  | { readonly kind: "sequence"; readonly parts: readonly PatternNode[] }
  | { readonly kind: "choice"; readonly options: readonly PatternNode[] }
  | {
      readonly kind: "repeat";
      readonly part: PatternNode;
      readonly min: number;
      readonly max: number;
    };

export type Assertion = "$" | "\\B" | "\\b" | "^";

const ASSERTION = /\^|\$|\\[bB]/y;
const GROUP = /\((?:\?:|\?<[A-Za-z_$][\w$]*>|(?!\?))/y;
const QUANTIFIER = /(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})\??/y;
/** Back-references, the one other kind of escape, are none of these. */
const CHARACTER =
  /\\u\{[\da-f]+\}|\\u[\da-f]{4}|\\x[\da-f]{2}|\\p\{[^{}]*\}|\\c[a-z]|\\0|\\[^bk\d]|\[(?:\\[^]|[^\\\]])*\]|[^\\[()|*+?]/iy;

/**
 * Undefined for what a search that never goes back cannot find: back-references, and looking ahead
 * or behind. The source must be a valid expression of the language.
 */
export function parsePattern(source: string): PatternNode | undefined {
  const parser = new PatternParser(source);
  const tree = parser.parseChoice();
  return parser.isAtEnd ? tree : undefined;
}

class PatternParser {
  readonly #source: string;
  #offset = 0;

  constructor(source: string) {
    this.#source = source;
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#source.length;
  }

  parseChoice(): PatternNode | undefined {
    const options: PatternNode[] = [];
    do {
      const option = this.#parseSequence();
      if (option === undefined) return undefined;
      options.push(option);
    } while (this.#take(/\|/y) !== undefined);
    return { kind: "choice", options };
  }

  #parseSequence(): PatternNode | undefined {
    const parts: PatternNode[] = [];
    while (!this.isAtEnd && !this.#isAt(")") && !this.#isAt("|")) {
      const part = this.#parsePart();
      if (part === undefined) return undefined;
      parts.push(this.#parseRepeat(part));
    }
    return { kind: "sequence", parts };
  }

  #parsePart(): PatternNode | undefined {
    const assertion = this.#take(ASSERTION)?.[0];
    if (isAssertion(assertion)) return { kind: "assertion", source: assertion };
    if (this.#take(GROUP) !== undefined) {
      const group = this.parseChoice();
      return this.#take(/\)/y) === undefined ? undefined : group;
    }
    const character = this.#take(CHARACTER)?.[0];
    return character === undefined ? undefined : { kind: "character", source: character };
  }

  #parseRepeat(part: PatternNode): PatternNode {
    const [match, sign, least, comma, most] = this.#take(QUANTIFIER) ?? [];
    if (match === undefined) return part;
    if (sign !== undefined) {
      return { kind: "repeat", part, min: sign === "+" ? 1 : 0, max: sign === "?" ? 1 : Infinity };
    }
    const min = Number(least);
    const open = most === "" ? Infinity : Number(most);
    return { kind: "repeat", part, min, max: comma === undefined ? min : open };
  }

  #isAt(character: string): boolean {
    return this.#source[this.#offset] === character;
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#offset;
    const match = pattern.exec(this.#source);
    if (match === null) return undefined;
    this.#offset += match[0].length;
    return match;
  }
}

function isAssertion(text: string | undefined): text is Assertion {
  return text === "^" || text === "$" || text === "\\b" || text === "\\B";
}
