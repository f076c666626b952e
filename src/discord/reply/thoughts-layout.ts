import { LONE_SURROGATE, MESSAGE_LIMIT } from "./split-reply.ts";

const GAP = "\n…\n";
const ZERO_WIDTH_SPACE = "\u200B";
const PIPE_BEFORE_PIPE = /\|(?=\|)/g;

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** One message that shows the thoughts on a click, without their middle where they are too long. */
export function foldThoughts(thoughts: string, heading: string): string | undefined {
  const text = keepInside(thoughts).trim();
  if (text === "") return undefined;
  return hide(cutMiddle(text, MESSAGE_LIMIT - hide("", heading).length), heading);
}

/** The spaces keep a pipe or a backslash at either end from the marks. */
function hide(text: string, heading: string): string {
  return `-# ${heading}\n|| ${text} ||`;
}

/** Nothing in it can end the spoiler, or begin a code block that the cut or the spoiler would tear. */
function keepInside(text: string): string {
  return text
    .replaceAll(PIPE_BEFORE_PIPE, `|${ZERO_WIDTH_SPACE}`)
    .replaceAll("```", "'''")
    .replaceAll(LONE_SURROGATE, "\uFFFD");
}

function cutMiddle(text: string, room: number): string {
  if (text.length <= room) return text;
  const half = Math.floor((room - GAP.length) / 2);
  const segments = graphemes.segment(text);
  const headEnd = segments.containing(half)?.index;
  const torn = segments.containing(text.length - half - 1);
  const tailStart = torn === undefined ? text.length : torn.index + torn.segment.length;
  return `${text.slice(0, headEnd).trimEnd()}${GAP}${text.slice(tailStart).trimStart()}`;
}
