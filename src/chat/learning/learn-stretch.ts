import type { RowId } from "../conversation.ts";
import { FamiliarError } from "../errors.ts";
import type { Note } from "../memory/note.ts";
import type { NoteStore } from "../memory/note-store.ts";
import { rankBySharedWords } from "../memory/shared-words.ts";
import type { Place } from "../place.ts";
import type { Clock, Engine, EngineEvent, Log, PromptMessage } from "../ports.ts";
import type { Watchdog } from "../reply/watchdog.ts";
import { LIKELIEST } from "../sampling.ts";
import type { SettingsLibrary } from "../settings/settings-library.ts";
import { toFactKey } from "./content-words.ts";
import { judgeFacts } from "./judge-facts.ts";
import type { WrittenFact } from "./judge-facts.ts";
import {
  parseFacts,
  toFactsSchema,
  toLearningLines,
  toLearningPrompt,
  toOwnWords,
} from "./learning-prompt.ts";
import type { LearnableStretch, LearningStore } from "./learning-store.ts";
import { MOST_A_DAY, toFactReach } from "./proposal.ts";
import type { ProposalMessage } from "./proposal.ts";
import type { ProposalSurface } from "./proposal-surface.ts";

const DAY_MS = 24 * 3_600_000;

/** Positions that are looked at for one stretch. */
const MOST_TURNS = 200;

/** Of the context, for what was said, and for what is noted already. */
const SOURCE_SHARE = 1 / 2;
const NOTES_SHARE = 1 / 8;

/** Notes that the model is shown: those that share words with what was said, then the newest. */
const MOST_NOTES = 20;

/** What the longest answer takes, in tokens; with less room than this none is asked for. */
const MOST_WRITTEN = 512;
const LEAST_WRITTEN = 64;

/** No answer that the schema allows is longer, in UTF-16 units. */
const MOST_LENGTH = 4_096;

export interface LearnDependencies {
  readonly clock: Pick<Clock, "date">;
  readonly engine: Engine;
  readonly learning: LearningStore;
  readonly log: Log;
  readonly notes: Pick<NoteStore, "read">;
  readonly proposals: ProposalSurface;
  readonly settings: Pick<SettingsLibrary, "effective">;
  readonly watchdog: Pick<Watchdog, "watch">;
}

/** `changed`: some of what was read was taken back meanwhile, so that nothing came of it. */
export type LearnOutcome = "nothing-left" | "learned" | "changed";

/**
 * Learns from what one person said in a conversation since the last time, and asks them about it.
 * What is older than a day is left alone: nobody wants to be asked about last week.
 *
 * @throws the signal's reason once it is aborted
 */
export async function learnNext(
  dependencies: LearnDependencies,
  conversationId: RowId,
  signal: AbortSignal,
): Promise<LearnOutcome> {
  const { clock, learning, proposals } = dependencies;
  const since = new Date(clock.date().getTime() - DAY_MS);
  const stretch = await learning.nextStretch(conversationId, since, MOST_TURNS);
  if (stretch === undefined) return "nothing-left";
  const place = await proposals.find(stretch.place.id);
  if (place === undefined || !(await isOn(dependencies, place))) return "nothing-left";
  const facts = await findFacts(dependencies, { place, signal, stretch });
  const saved = await learning.save({
    stretch,
    facts: facts.map(({ replaces, text }) => ({ text, replaces, key: toFactKey(text) })),
    at: clock.date(),
    most: { count: MOST_A_DAY, since },
  });
  if (saved === undefined) return "changed";
  if (saved.length > 0)
    await ask(dependencies, place, { person: stretch.person, proposals: saved });
  return "learned";
}

/** What cannot be asked, or not be known for asked, is not kept. */
async function ask(
  { learning, proposals }: LearnDependencies,
  place: Place,
  message: ProposalMessage,
): Promise<void> {
  const ids = message.proposals.map(({ id }) => id);
  const messageId = await proposals.post(place, message);
  if (messageId === undefined) {
    await learning.drop(ids);
    return;
  }
  try {
    await learning.noteMessage(ids, messageId);
  } catch (error) {
    await proposals.remove(place, messageId);
    throw error;
  }
}

/** In direct messages, the person's consent is all that it takes. */
async function isOn(
  { settings }: Pick<LearnDependencies, "settings">,
  place: Place,
): Promise<boolean> {
  return place.kind === "direct" || (await settings.effective(place)).values.learning;
}

interface Reading {
  readonly place: Place;
  readonly signal: AbortSignal;
  readonly stretch: LearnableStretch;
}

async function findFacts(dependencies: LearnDependencies, { place, signal, stretch }: Reading) {
  const { learning, notes } = dependencies;
  const { person, turns } = stretch;
  const said = turns.filter(({ role }) => role === "user").map(({ text }) => toOwnWords(text));
  const reading = { place, persona: undefined, people: [person], owner: person };
  const known = (await notes.read(reading)).filter(({ kind }) => kind === "person");
  const undecided = await learning.undecided(person);
  const shown = chooseNotes(known, said.join("\n"));
  const written = await write(dependencies, { shown, signal, stretch });
  const { guildId, placeId } = toFactReach(place);
  const isOurs = (note: Note): boolean => note.guildId === guildId && note.placeId === placeId;
  return judgeFacts(
    // A note that other places read, or fewer, is not changed by what is said here.
    written.map(({ replaces, text }) => {
      const note = shown[replaces - 1];
      return { text, replaces: note !== undefined && isOurs(note) ? replaces : 0 };
    }),
    { said, shown, known: [...known.map(({ text }) => text), ...undecided] },
  );
}

/** Those for one persona alone are not told to others. */
function chooseNotes(known: readonly Note[], said: string): readonly Note[] {
  const forAll = known.filter(({ persona }) => persona === undefined);
  const texts = forAll.map(({ text }) => text);
  const ranked = rankBySharedWords(said, texts);
  const rest = forAll.map((_, index) => forAll.length - 1 - index);
  const chosen = new Set([...new Set([...ranked, ...rest])].slice(0, MOST_NOTES));
  return forAll.filter((_, index) => chosen.has(index));
}

interface Writing {
  readonly shown: readonly Note[];
  readonly signal: AbortSignal;
  readonly stretch: LearnableStretch;
}

async function write(
  { engine, watchdog }: LearnDependencies,
  { shown, signal, stretch }: Writing,
): Promise<readonly WrittenFact[]> {
  signal.throwIfAborted();
  const lines = await fitNewest(engine, toLearningLines(stretch.turns), SOURCE_SHARE);
  const noted = await fitNewest(
    engine,
    shown.map(({ text }) => text),
    NOTES_SHARE,
  );
  const skipped = shown.length - noted.length;
  const messages = toLearningPrompt(lines, noted);
  const room = engine.contextTokens - (await countAll(engine, messages));
  if (lines.length === 0 || room < LEAST_WRITTEN) return [];
  const request = {
    conversationId: undefined,
    keepsNothing: true,
    messages,
    isTrimmed: false,
    maxTokens: Math.min(MOST_WRITTEN, room),
    sampling: LIKELIEST,
    schema: toFactsSchema(noted.length),
  };
  const events = watchdog.watch((overdue) =>
    engine.generate({ ...request, signal: AbortSignal.any([signal, overdue]) }),
  );
  const text = await readJson(events);
  return (parseFacts(text) ?? []).map(({ replaces, text: fact }) => ({
    text: fact,
    replaces: replaces > 0 && replaces <= noted.length ? replaces + skipped : 0,
  }));
}

/** Ends with the JSON: after it, a schema allows any number of blanks. */
async function readJson(events: AsyncIterable<EngineEvent>): Promise<string> {
  let text = "";
  for await (const event of events) {
    if (event.type === "text-delta") text += event.text;
    const isWhole = event.type === "text-delta" && parseFacts(text) !== undefined;
    if (isWhole || event.type === "end" || text.length > MOST_LENGTH) return text;
  }
  throw new FamiliarError("engine-failed", "The engine stopped without saying why.");
}

/** As many of the newest as fit into a share of the context. */
async function fitNewest(
  engine: Engine,
  lines: readonly string[],
  share: number,
): Promise<readonly string[]> {
  const most = Math.floor(engine.contextTokens * share);
  const fitting: string[] = [];
  let tokens = 0;
  for (const text of lines.toReversed()) {
    tokens += await engine.countTokens({ role: "user", text });
    if (tokens > most) break;
    fitting.unshift(text);
  }
  return fitting;
}

async function countAll(engine: Engine, messages: readonly PromptMessage[]): Promise<number> {
  const counts = await Promise.all(messages.map((message) => engine.countTokens(message)));
  return counts.reduce((sum, count) => sum + count, engine.overheadTokens);
}
