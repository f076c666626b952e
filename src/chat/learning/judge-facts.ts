import type { RowId } from "../conversation.ts";
import { contentWordsIn, hasWord, tellingWordsIn, toFactKey } from "./content-words.ts";
import { MAX_FACT_LENGTH, MOST_FACTS } from "./proposal.ts";
import type { NewFact } from "./proposal.ts";

/** As the model wrote it. */
export interface WrittenFact {
  readonly text: string;
  /** Of the notes that it was shown, counted from 1; 0 for none. */
  readonly replaces: number;
}

export interface FactBasis {
  /** The person's own words in the stretch. */
  readonly said: readonly string[];
  /** The notes that the model was shown with their numbers: the only ones that it can replace. */
  readonly shown: readonly { readonly id: RowId; readonly text: string }[];
  /** All that is remembered of the person here, or that they have yet to decide on. */
  readonly known: readonly string[];
}

/**
 * Those of the facts that a person may be asked about: each rests on what they said, and says
 * something new. Models, small ones above all, write down what nobody said.
 */
export function judgeFacts(
  facts: readonly WrittenFact[],
  { known, said, shown }: FactBasis,
): readonly NewFact[] {
  const judged: NewFact[] = [];
  for (const { replaces: number, text: written } of facts) {
    const text = toFactText(written);
    if (text === undefined || !isSaid(text, said)) continue;
    const replaced = findReplaced(text, shown[number - 1]);
    const others = [...known, ...judged.map((fact) => fact.text)];
    const isKnown =
      replaced === undefined
        ? others.some((other) => covers(other, text))
        : others.some((other) => toFactKey(other) === toFactKey(text));
    if (isKnown) continue;
    judged.push({ text, replaces: replaced?.id });
    if (judged.length === MOST_FACTS) break;
  }
  return judged;
}

/** One line; undefined for what is no short statement. */
function toFactText(written: string): string | undefined {
  const text = written.replaceAll(/[\s\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, " ").trim();
  const isStatement = text !== "" && text.length <= MAX_FACT_LENGTH && !/[?？]$/u.test(text);
  return isStatement ? text : undefined;
}

/**
 * Most of the words that matter in it, and every number, are the person's own. What is only a form of
 * a word of theirs counts.
 */
function isSaid(fact: string, said: readonly string[]): boolean {
  const own = said.join("\n");
  const numbers = new Set(numbersIn(own));
  if (numbersIn(fact).some((number) => !numbers.has(number))) return false;
  const spoken = contentWordsIn(own);
  const words = contentWordsIn(fact);
  const found = words.filter((word) => hasWord(spoken, word));
  return found.length * 2 > words.length;
}

function numbersIn(text: string): readonly string[] {
  return text.normalize("NFKC").match(/\d+/gu) ?? [];
}

/** What has no word in common with a note is about something else. */
function findReplaced(text: string, note: FactBasis["shown"][number] | undefined) {
  if (note === undefined) return undefined;
  const words = tellingWordsIn(note.text);
  return tellingWordsIn(text).some((word) => hasWord(words, word)) ? note : undefined;
}

/** Whether everything that matters in a fact is said by another text already. */
function covers(other: string, fact: string): boolean {
  const words = contentWordsIn(other);
  return contentWordsIn(fact).every((word) => hasWord(words, word));
}
