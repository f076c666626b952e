/** Of the question itself; escaping makes it longer. */
const MAX_LENGTH = 200;

/** What Discord shows as a name, an emoji or a time, and notifies nobody by. */
const ENTITY = /(<(?:a?:\w+:\d+|@[!&]?\d+|#\d+|\/[^:<>]+:\d+|t:-?\d+(?::\w)?)>)/;

/** Anything that could be markup, a list or a link. */
const MARKUP = /[\\\u{60}*_~|>#<[\]()@/-]|(?<=^\d+)\./gu;

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** One line of quotation in which nothing is markup; empty where there is nothing to see. */
export function quoteQuestion(question: string): string {
  const line = question.replaceAll(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim();
  if (line === "") return "";
  const pieces = cut(line).split(ENTITY);
  const escaped = pieces.map((piece, at) =>
    at % 2 === 1 ? piece : piece.replaceAll(MARKUP, String.raw`\$&`),
  );
  return `> ${escaped.join("")}`;
}

/** Tears neither a character nor an entity. */
function cut(line: string): string {
  if (line.length <= MAX_LENGTH) return line;
  const end = graphemes.segment(line).containing(MAX_LENGTH)?.index ?? MAX_LENGTH;
  const head = line.slice(0, end).replace(/<[^<>\s]*$/, "");
  return `${head.trimEnd()}…`;
}
