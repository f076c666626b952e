/**
 * @typedef {"bold" | "italic" | "underline" | "strike" | "spoiler"} Emphasis
 * @typedef {{ kind: "text" | "code", text: string }
 *   | { kind: Emphasis, content: Inline[] }
 *   | { kind: "link", url: string, content: Inline[] }
 *   | { kind: "user", id: string }
 *   | { kind: "role", id: string }
 *   | { kind: "channel", id: string }
 *   | { kind: "command", name: string }
 *   | { kind: "everyone", name: string }
 *   | { kind: "emoji", name: string }
 *   | { kind: "time", seconds: number, style: string }} Inline
 */

const maxDepth = 12;

/** @type {[string, Emphasis][]} longest mark first */
const emphases = [
  ["**", "bold"],
  ["__", "underline"],
  ["~~", "strike"],
  ["||", "spoiler"],
  ["*", "italic"],
  ["_", "italic"],
];

/**
 * Each reads at the pattern's start only.
 * @type {[RegExp, (match: RegExpExecArray, depth: number) => Inline | undefined][]}
 */
const rules = [
  [/\\([^\w\s])/uy, ([, text = ""]) => ({ kind: "text", text })],
  [
    /(`{1,2})([^`]|[^`][^]*?[^`])\1(?!`)/uy,
    ([, , text = ""]) => ({ kind: "code", text: text.trim() || text }),
  ],
  [/<@!?(\d+)>/uy, ([, id = ""]) => ({ kind: "user", id })],
  [/<@&(\d+)>/uy, ([, id = ""]) => ({ kind: "role", id })],
  [/<#(\d+)>/uy, ([, id = ""]) => ({ kind: "channel", id })],
  [/<\/([^:>\n]+):\d+>/uy, ([, name = ""]) => ({ kind: "command", name })],
  [/<a?:(\w+):\d+>/uy, ([, name = ""]) => ({ kind: "emoji", name })],
  [
    /<t:(-?\d{1,13})(?::([tTdDfFR]))?>/uy,
    ([, seconds, style = "f"]) => ({ kind: "time", seconds: Number(seconds), style }),
  ],
  [/@(?:everyone|here)\b/uy, ([name]) => ({ kind: "everyone", name })],
  [
    /\[([^\][\n]+)\]\(<?(https?:\/\/[^\s()<>]+(?:\([^\s()<>]*\)[^\s()<>]*)*)>?\)/uy,
    ([, label = "", url = ""], depth) => toLink(url, parse(label, depth + 1)),
  ],
  [/<(https?:\/\/[^\s<>]+)>/uy, ([, url = ""]) => toLink(url)],
  [/https?:\/\/[^\s<>|*`]*[^\s<>|*`.,:;!?"'\])}_~]/uy, ([url]) => toLink(url)],
];

// Where none of these stands, nothing but text begins.
const plainPattern = /[^\\`<@[h*_~|]+/uy;

/**
 * @param {string} text
 * @returns {Inline[]}
 */
export function parseInline(text) {
  return parse(text, 0);
}

/** @param {string} text @param {number} depth @returns {Inline[]} */
function parse(text, depth) {
  /** @type {Inline[]} */
  const nodes = [];
  let position = 0;
  while (position < text.length) {
    const { node, end } = depth > maxDepth ? takeRest(text, position) : take(text, position, depth);
    const last = nodes.at(-1);
    if (node.kind === "text" && last?.kind === "text") last.text += node.text;
    else nodes.push(node);
    position = end;
  }
  return nodes;
}

/** @param {string} text @param {number} position @param {number} depth @returns {{ node: Inline, end: number }} */
function take(text, position, depth) {
  plainPattern.lastIndex = position;
  const plain = plainPattern.exec(text)?.[0];
  if (plain !== undefined)
    return { node: { kind: "text", text: plain }, end: position + plain.length };
  for (const [pattern, read] of rules) {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    const end = pattern.lastIndex;
    const node = match === null ? undefined : read(match, depth);
    if (node !== undefined) return { node, end };
  }
  const character = text[position] ?? "";
  return (
    takeEmphasis(text, position, depth) ?? {
      node: { kind: "text", text: character },
      end: position + 1,
    }
  );
}

/** @param {string} text @param {number} position @returns {{ node: Inline, end: number }} */
function takeRest(text, position) {
  return { node: { kind: "text", text: text.slice(position) }, end: text.length };
}

/** @param {string} text @param {number} position @param {number} depth @returns {{ node: Inline, end: number } | undefined} */
function takeEmphasis(text, position, depth) {
  for (const [mark, kind] of emphases) {
    if (!text.startsWith(mark, position)) continue;
    const start = position + mark.length;
    const close = findClose(text, start, mark);
    if (close === -1 || /^[*_~|]*$/u.test(text.slice(start, close))) continue;
    return {
      node: { kind, content: parse(text.slice(start, close), depth + 1) },
      end: close + mark.length,
    };
  }
  return undefined;
}

/**
 * Where the mark closes: not at once, not inside code, and a single mark not within a double one.
 * @param {string} text
 * @param {number} start
 * @param {string} mark
 */
function findClose(text, start, mark) {
  if (mark === "*" && /\s/u.test(text[start] ?? " ")) return -1;
  if (mark === "_" && /\w/u.test(text[start - 2] ?? " ")) return -1;
  for (let position = start; position < text.length; position += 1) {
    const character = text[position];
    if (character === "\\") position += 1;
    else if (character === "`") position = skipCode(text, position);
    else if (isClose(text, position, mark) && position > start) return position;
    else if (mark.length === 1 && text.startsWith(mark + mark, position)) {
      position = skipDouble(text, position, mark + mark);
    }
  }
  return -1;
}

/** @param {string} text @param {number} position @param {string} mark */
function isClose(text, position, mark) {
  if (!text.startsWith(mark, position)) return false;
  const after = text[position + mark.length];
  if (mark.length === 2) return mark === "||" || mark === "~~" || after !== mark[0];
  if (after === mark) return false;
  return mark === "*" ? !/\s/u.test(text[position - 1] ?? " ") : !/\w/u.test(after ?? " ");
}

/** @param {string} text @param {number} position @returns {number} the last place of the code, or the same place */
function skipCode(text, position) {
  const end = text.indexOf("`", position + 1);
  return end === -1 ? position : end;
}

/** @param {string} text @param {number} position @param {string} mark @returns {number} the last place of the closing mark */
function skipDouble(text, position, mark) {
  const end = text.indexOf(mark, position + 2);
  return end === -1 ? position + 1 : end + 1;
}

/** @param {string} url @param {Inline[]} [content] @returns {Inline | undefined} */
function toLink(url, content = [{ kind: "text", text: url }]) {
  return URL.canParse(url) ? { kind: "link", url, content } : undefined;
}
