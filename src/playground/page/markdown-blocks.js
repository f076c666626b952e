/** @import { Inline } from "./markdown-inline.js" */
import { parseInline } from "./markdown-inline.js";

/**
 * @typedef {{ content: Inline[], items: ListBlock | undefined }} ListItem
 * @typedef {{ kind: "list", isOrdered: boolean, start: number, items: ListItem[] }} ListBlock
 * @typedef {{ kind: "paragraph" | "subtext", content: Inline[] }
 *   | { kind: "heading", level: number, content: Inline[] }
 *   | { kind: "code", language: string, text: string }
 *   | { kind: "quote", blocks: Block[] }
 *   | ListBlock} Block
 */

const fencePattern = /```(?:([\w+#.-]+)\n)?\n*([^]*?)```/uy;
const listPattern = /^( *)(?:[-*]|(\d{1,9})[.)]) +(\S.*)$/u;
const headingPattern = /^(#{1,3}) +(\S.*)$/u;
const subtextPattern = /^-# +(\S.*)$/u;

/**
 * Discord's Markdown: https://support.discord.com/hc/en-us/articles/210298617
 * @param {string} text
 * @param {{ isQuoted?: boolean }} [options] quotes do not nest
 * @returns {Block[]}
 */
export function parseBlocks(text, { isQuoted = false } = {}) {
  /** @type {Block[]} */
  const blocks = [];
  let plain = "";
  let position = 0;

  function endParagraph() {
    const trimmed = plain.replace(/^(?: *\n)+|\s+$/gu, "");
    if (trimmed !== "") blocks.push({ kind: "paragraph", content: parseInline(trimmed) });
    plain = "";
  }

  while (position < text.length) {
    const taken = takeBlock(text, position, isQuoted);
    if (taken !== undefined) {
      endParagraph();
      blocks.push(taken.block);
      position = taken.end;
      continue;
    }
    const end = findParagraphEnd(text, position);
    plain += text.slice(position, end);
    position = end;
  }
  endParagraph();
  return blocks;
}

/**
 * The block that starts here, if one does.
 * @param {string} text
 * @param {number} position a line's start, or a fence's
 * @param {boolean} isQuoted
 * @returns {{ block: Block, end: number } | undefined}
 */
function takeBlock(text, position, isQuoted) {
  const fence = takeFence(text, position);
  if (fence !== undefined) return fence;
  if (position > 0 && text[position - 1] !== "\n") return undefined;
  if (!isQuoted) {
    const quote = takeQuote(text, position);
    if (quote !== undefined) return quote;
  }
  const line = readLine(text, position);
  if (listPattern.test(line)) return takeList(text, position);
  const block = toLineBlock(line);
  return block && { block, end: position + line.length + 1 };
}

/** @param {string} line @returns {Block | undefined} */
function toLineBlock(line) {
  const heading = headingPattern.exec(line);
  if (heading?.[1] !== undefined && heading[2] !== undefined) {
    return { kind: "heading", level: heading[1].length, content: parseInline(heading[2]) };
  }
  const subtext = subtextPattern.exec(line);
  if (subtext?.[1] !== undefined) return { kind: "subtext", content: parseInline(subtext[1]) };
  return undefined;
}

/** @param {string} text @param {number} position @returns {{ block: Block, end: number } | undefined} */
function takeFence(text, position) {
  const start = position + (/^ */u.exec(readLine(text, position))?.[0].length ?? 0);
  fencePattern.lastIndex = start;
  const match = fencePattern.exec(text);
  const code = match?.[2];
  if (match === null || code === undefined || code.trim() === "") return undefined;
  const end = fencePattern.lastIndex;
  const block = {
    kind: /** @type {const} */ ("code"),
    language: match[1] ?? "",
    text: unindent(code, start - position),
  };
  return { block, end: text[end] === "\n" ? end + 1 : end };
}

/** @param {string} code @param {number} spaces those before the fence, as of code inside a list */
function unindent(code, spaces) {
  const lines = code.replace(/\n *$/u, "").split("\n");
  const indent = " ".repeat(spaces);
  return lines.map((line) => (line.startsWith(indent) ? line.slice(spaces) : line)).join("\n");
}

/** @param {string} text @param {number} position @returns {{ block: Block, end: number } | undefined} */
function takeQuote(text, position) {
  if (text.startsWith(">>> ", position)) {
    const blocks = parseBlocks(text.slice(position + 4), { isQuoted: true });
    return { block: { kind: "quote", blocks }, end: text.length };
  }
  const lines = [];
  let end = position;
  while (end < text.length) {
    const line = readLine(text, end);
    if (!line.startsWith("> ") && line !== ">") break;
    lines.push(line.slice(2));
    end += line.length + 1;
  }
  if (lines.length === 0) return undefined;
  return {
    block: { kind: "quote", blocks: parseBlocks(lines.join("\n"), { isQuoted: true }) },
    end,
  };
}

/** @param {string} text @param {number} position @returns {{ block: ListBlock, end: number }} */
function takeList(text, position) {
  /** @type {{ indent: number, number: string | undefined, text: string }[]} */
  const rows = [];
  let end = position;
  while (end < text.length) {
    const line = readLine(text, end);
    const match = listPattern.exec(line);
    const last = rows.at(-1);
    if (match !== null) {
      if (isOtherList(rows[0], match)) break;
      rows.push({ indent: match[1]?.length ?? 0, number: match[2], text: match[3] ?? "" });
    } else if (
      last !== undefined &&
      /^ {2,}\S/u.test(line) &&
      !line.trimStart().startsWith("```")
    ) {
      last.text += `\n${line.trim()}`;
    } else {
      break;
    }
    end += line.length + 1;
  }
  return { block: nestRows(rows), end };
}

/**
 * Whether numbers follow bullets at the same depth, or the other way round.
 * @param {{ indent: number, number: string | undefined } | undefined} first
 * @param {RegExpExecArray} match
 */
function isOtherList(first, match) {
  if (first === undefined || (match[1]?.length ?? 0) > first.indent) return false;
  return (first.number === undefined) !== (match[2] === undefined);
}

/** @param {{ indent: number, number: string | undefined, text: string }[]} rows @returns {ListBlock} */
function nestRows(rows) {
  const [first] = rows;
  const indent = first?.indent ?? 0;
  /** @type {ListItem[]} */
  const items = [];
  for (let index = 0; index < rows.length;) {
    const row = rows[index];
    let next = index + 1;
    while ((rows[next]?.indent ?? 0) > indent) next += 1;
    const nested = rows.slice(index + 1, next);
    items.push({
      content: parseInline(row?.text ?? ""),
      items: nested.length > 0 ? nestRows(nested) : undefined,
    });
    index = next;
  }
  const isOrdered = first?.number !== undefined;
  return { kind: "list", isOrdered, start: Number(first?.number ?? 1), items };
}

/** @param {string} text @param {number} position up to the line's end, or to a complete fence in the line */
function findParagraphEnd(text, position) {
  const lineEnd = position + readLine(text, position).length;
  const fence = text.indexOf("```", position + 1);
  if (fence > position && fence < lineEnd && takeFence(text, fence) !== undefined) return fence;
  return Math.min(lineEnd + 1, text.length);
}

/** @param {string} text @param {number} position */
function readLine(text, position) {
  const end = text.indexOf("\n", position);
  return text.slice(position, end === -1 ? text.length : end);
}
