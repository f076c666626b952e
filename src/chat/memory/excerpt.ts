import { rankBySharedWords } from "./shared-words.ts";

const SENTENCE_END = /(?<=[.!?…]["'”’)\]]?)\s+|(?<=[。！？])|\n+/u;
const GAP = " … ";

export interface ExcerptSettings {
  /** At most, in UTF-16 units. */
  readonly length: number;
  /** Sentences that share words with this come first. */
  readonly about: string;
}

/** Those sentences of a text that matter, in their order; a text that is short enough whole. */
export function toExcerpt(text: string, { about, length }: ExcerptSettings): string {
  if (text.length <= length) return text;
  const sentences = text.split(SENTENCE_END).filter((sentence) => sentence.trim() !== "");
  const matching = rankBySharedWords(about, sentences);
  const others = sentences.keys();
  const chosen = new Set<number>();
  let excerpt = "";
  for (const index of new Set([...matching, ...others])) {
    const wider = join(sentences, new Set([...chosen, index]));
    if (wider.length > length) continue;
    chosen.add(index);
    excerpt = wider;
  }
  return excerpt === "" ? cut(sentences[matching[0] ?? 0] ?? text, length) : excerpt;
}

function join(sentences: readonly string[], chosen: ReadonlySet<number>): string {
  let joined = chosen.has(0) ? "" : GAP.trimStart();
  let last = -1;
  for (const [index, sentence] of sentences.entries()) {
    if (!chosen.has(index)) continue;
    const isNext = last === -1 || index === last + 1;
    joined += last === -1 ? sentence : `${isNext ? " " : GAP}${sentence}`;
    last = index;
  }
  return last === sentences.length - 1 ? joined : joined + GAP.trimEnd();
}

/** Halves of characters stay whole. */
function cut(sentence: string, length: number): string {
  const most = Math.max(0, length - GAP.trimEnd().length);
  const head = sentence.slice(0, most).replace(/[\uD800-\uDBFF]$/, "");
  return `${head.trimEnd()}${GAP.trimEnd()}`;
}
