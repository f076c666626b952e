import type { Engine } from "../ports.ts";
import { joinLines } from "../prompt/one-line.ts";
import { toPartTokens } from "./summary.ts";

const SENTENCE_END = /[.!?…。！？](?=\s|$)|[。！？]/gu;

/** Of a text that ends within a word or a sentence, at least this share is kept. */
const KEPT_SHARE = 0.5;

/**
 * What a model wrote as one line, so that nothing in it can begin another one, and no longer than a
 * part may be: it then ends with a sentence, else with a word.
 */
export async function toSummaryText(
  written: string,
  engine: Pick<Engine, "contextTokens" | "countTokens">,
): Promise<string> {
  const text = joinLines(written);
  const most = toPartTokens(engine.contextTokens);
  const fits = async (words: string): Promise<boolean> =>
    (await engine.countTokens({ role: "system", text: words })) <= most;
  if (text === "" || (await fits(text))) return text;
  const characters = Array.from(text);
  let fitting = 0;
  let tooMany = characters.length;
  while (tooMany - fitting > 1) {
    const kept = Math.floor((fitting + tooMany) / 2);
    if (await fits(characters.slice(0, kept).join(""))) fitting = kept;
    else tooMany = kept;
  }
  return toWhole(characters.slice(0, fitting).join(""));
}

function toWhole(cut: string): string {
  const ends = Array.from(cut.matchAll(SENTENCE_END), ({ 0: sign, index }) => index + sign.length);
  const end = ends.at(-1) ?? 0;
  if (end >= cut.length * KEPT_SHARE) return cut.slice(0, end);
  const space = cut.lastIndexOf(" ");
  return `${cut.slice(0, space > 0 ? space : cut.length).trimEnd()}…`;
}
