import type { Conversation, Turn } from "../conversation.ts";
import { toReference } from "../memory/note.ts";
import type { Note } from "../memory/note.ts";
import type { NoteStore } from "../memory/note-store.ts";
import { rankBySharedWords } from "../memory/shared-words.ts";
import type { Speaker } from "../place.ts";
import type { Engine } from "../ports.ts";
import type { FixedPart } from "./fixed-parts.ts";
import { joinLines } from "./one-line.ts";
import { toPeopleHere } from "./people-here.ts";
import { toWhatIsSaid } from "./what-is-said.ts";

/** The most that notes take, of the context, in the beginning of a prompt. */
const SHARE = 1 / 8;
/** What else is fixed leaves some of the context; they take no more than this share of that. */
const SHARE_OF_REST = 1 / 4;
/** Of the context, for the longest reply that is kept room for. */
const REPLY_SHARE = 1 / 4;
/** What those of the moment take, of what the others may. */
const RECALLED_SHARE = 1 / 2;

/** So many that do not fit end the search for one that does: it costs tokens to be counted. */
const MAX_MISSES = 8;

const NOTHING: FixedPart = { messages: [], tokens: 0 };

const HEADER = "What people here asked you to remember:";
const RECALLED_HEADER = "Also, what people here asked you to remember before:";

export interface NoteSources {
  readonly engine: Pick<Engine, "contextTokens" | "countTokens" | "overheadTokens">;
  readonly notes: Pick<NoteStore, "read">;
}

export interface NoteSubject {
  readonly conversation: Conversation;
  readonly turns: readonly Turn[];
  readonly nameOf: (speaker: Speaker) => string;
  /** The most that the other fixed parts of the prompt take. */
  readonly fixedTokens: number;
}

export interface NoteParts {
  /** Oldest first, as many as fit: right after the system prompt, the same from turn to turn. */
  readonly always: FixedPart;
  /**
   * Of the rest, what shares words with what is being said: after the history, so that all before
   * it stays as it was evaluated.
   */
  readonly recalled: FixedPart;
  /** Of both, when the moment calls for the most. */
  readonly mostTokens: number;
}

/** What people want remembered where the prompt is for, about the place, the persona and them. */
export async function readNotes(
  { engine, notes }: NoteSources,
  subject: NoteSubject,
): Promise<NoteParts> {
  const { conversation, fixedTokens, turns } = subject;
  const { persona, place } = conversation;
  const read = await notes.read({
    place,
    persona: persona === undefined ? undefined : toReference(persona),
    people: toPeopleHere(conversation, turns),
  });
  const lines = read.map((note) => toLine(note, subject));
  const most = toMostTokens(engine, fixedTokens);
  const all = lines.map((_, index) => index);
  const { indexes, part: always } = await fill(engine, { lines, order: all, header: HEADER, most });

  const rest = lines.filter((_, index) => !indexes.has(index));
  const mostRecalled = rest.length === 0 ? 0 : Math.floor(most * RECALLED_SHARE);
  const order = rankBySharedWords(toWhatIsSaid(turns), rest);
  const late = { lines: rest, order, header: RECALLED_HEADER, most: mostRecalled };
  const { part: recalled } = await fill(engine, late);
  return { always, recalled, mostTokens: always.tokens + mostRecalled };
}

function toMostTokens(
  { contextTokens, overheadTokens }: NoteSources["engine"],
  fixedTokens: number,
): number {
  const rest = contextTokens * (1 - REPLY_SHARE) - overheadTokens - fixedTokens;
  return Math.max(0, Math.floor(Math.min(contextTokens * SHARE, rest * SHARE_OF_REST)));
}

/** One line each, which says whom or what it is about; nothing in a note can begin another one. */
function toLine({ about, kind, text }: Note, subject: NoteSubject): string {
  const { conversation, nameOf, turns } = subject;
  const words = joinLines(text);
  if (kind === "place") return `- About this conversation: ${words}`;
  if (kind === "persona") return `- About you: ${words}`;
  const speaker = turns.findLast((turn) => turn.speaker?.id === about)?.speaker;
  const name = speaker === undefined ? "someone" : nameOf(speaker);
  return conversation.hasSeveralSpeakers
    ? `- About ${name}: ${words}`
    : `- About the user, ${name}: ${words}`;
}

interface Filling {
  readonly lines: readonly string[];
  /** Which lines are to be there, the most wanted first; what is chosen stands in its own order. */
  readonly order: readonly number[];
  readonly header: string;
  readonly most: number;
}

async function fill(engine: NoteSources["engine"], { header, lines, most, order }: Filling) {
  const write = (indexes: ReadonlySet<number>): string =>
    [header, ...lines.filter((_, index) => indexes.has(index))].join("\n");
  let filled = { indexes: new Set<number>(), part: NOTHING };
  let misses = 0;
  for (const index of order) {
    if (misses === MAX_MISSES) break;
    const indexes = new Set([...filled.indexes, index]);
    const text = write(indexes);
    const tokens = await engine.countTokens({ role: "system", text });
    if (tokens > most) misses += 1;
    else filled = { indexes, part: { messages: [{ role: "system", text }], tokens } };
  }
  return filled;
}
