import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { MatchedTerm, Matches, RecallQuestion } from "../../chat/memory/recall-store.ts";
import type { Queries } from "../database.ts";
import { toStorable } from "../rows.ts";

/** Turns that are read for one question, those of its rarest words first. */
const MAX_HITS = 4_000;
/** Index rows, of up to 256 turns or a little more, that are looked at for one word. */
const MAX_ROWS = 25;
/** The same for what a speaker said who is named. */
const MAX_NAME_ROWS = 2;
/** Forms of a question's words; those of one that is longer come from its end. */
const MAX_TERMS = 180;
/** What a hit is a multiple of: a turn's position times this, and its place in its stretch. */
const STRETCH_TURNS = 64;

const COLUMNS = {
  word: sql<number>`word`.as("word"),
  isName: sql<boolean>`is_name`.as("is_name"),
  turns: sql<number>`turns`.as("turns"),
  rows: sql<number>`rows`.as("rows"),
  since: sql<number>`since`.as("since"),
  hits: sql<string | null>`hits`.as("hits"),
  names: sql<string>`names`.as("names"),
  indexedUntil: sql<number>`indexed_until`.as("indexed_until"),
  lowest: sql<number>`lowest`.as("lowest"),
  stretches: sql<number>`stretches`.as("stretches"),
};

type Row = Awaited<ReturnType<typeof readMatches>>[number];

export async function matchQuestion(queries: Queries, question: RecallQuestion): Promise<Matches> {
  const rows = await readMatches(queries, question);
  const [first] = rows;
  if (first === undefined) return { terms: [], spoken: [], names: [], turns: 0, stretches: 0 };
  return {
    terms: rows.filter(({ isName }) => !isName).map((row) => toTerm(row, question)),
    spoken: rows.filter(({ isName }) => isName).map((row) => toTerm(row, question)),
    names: first.names === "" ? [] : first.names.split("\n"),
    turns: Math.max(0, Math.min(first.indexedUntil, question.before) - first.lowest),
    stretches: first.stretches,
  };
}

function toTerm(
  { hits, rows, since, turns, word }: Row,
  { before, since: first = Number.NEGATIVE_INFINITY }: RecallQuestion,
): MatchedTerm {
  const positions: number[] = [];
  const stretches: number[] = [];
  for (const text of hits === null ? [] : hits.split(",")) {
    const hit = Number(text);
    const position = Math.floor(hit / STRETCH_TURNS);
    if (position < first || position >= before) continue;
    positions.push(position);
    // Positions of turns that were adopted may be below 0.
    stretches.push(position - (hit - position * STRETCH_TURNS));
  }
  const isWhole = rows < MAX_ROWS;
  const all = isWhole ? turns : Math.round((turns * before) / Math.max(1, before - since));
  return { word, positions, stretches, turns: all };
}

/** Each word is looked up from the newest index row backwards, with bounds on all that is read. */
async function readMatches(queries: Queries, question: RecallQuestion) {
  const { conversationId } = question;
  const matched = queries.$with("matched", COLUMNS).as(sql`
    with ${toTerms(question)},
    held as materialized (
      ${newestRows("words", MAX_ROWS, question)}
      union all
      ${newestRows("named", MAX_NAME_ROWS, question)}),
    sizes as materialized (
      select term, sum(turns)::integer as turns, count(*)::integer as rows, min(first) as since
      from held group by term),
    chosen as materialized (
      select term, first from (
        select held.term, held.first, held.turns,
          sum(held.turns) over (order by sizes.turns, held.term, held.first desc) as running
        from held join sizes on sizes.term = held.term) ordered
      where running - turns < ${MAX_HITS}::integer)
    select terms.word, terms.is_name, sizes.turns, sizes.rows, sizes.since, progress.indexed_until,
      progress.stretches, progress.lowest,
      coalesce((select string_agg(named.term, e'\n') from named), '') as names,
      (select string_agg(array_to_string(postings.hits, ','), ',') from chosen
        cross join lateral (
          select hits from recall_postings
          where conversation_id = ${conversationId} and recall_postings.term = chosen.term
            and first = chosen.first offset 0) postings
        where chosen.term = terms.term) as hits
    from progress cross join terms join sizes on sizes.term = terms.term`);
  return await queries.with(matched).select().from(matched).prepare("recall_match").execute();
}

/**
 * A word that is the name of a speaker says who, and is no word to look for unless nothing else is
 * asked.
 */
function toTerms({ conversationId, text }: RecallQuestion): SQL {
  return sql`
    progress as materialized (
      select indexed_until, stretches, languages, coalesce((
          select min(position) from recall_turns where conversation_id = ${conversationId}),
          indexed_until) as lowest
      from recall_progress where conversation_id = ${conversationId}),
    asked as materialized (
      select question.word, question.term from progress
      cross join lateral recall_question(${toStorable(text)}, progress.languages) question
      order by question.word desc limit ${MAX_TERMS}::integer),
    named as materialized (
      select word, term from asked where term like '@%' and exists (
        select from recall_postings
        where conversation_id = ${conversationId} and recall_postings.term = asked.term)),
    unnamed as materialized (
      select word, term, word in (select word from named) as is_name
      from asked where term not like '@%'),
    words as materialized (
      select min(word) as word, term from unnamed
      where not is_name or not exists (select from unnamed where not is_name)
      group by term),
    terms as materialized (
      select word, term, false as is_name from words
      union all select word, term, true from named)`;
}

function newestRows(
  table: "named" | "words",
  most: number,
  { before, conversationId }: RecallQuestion,
): SQL {
  const asked = sql.identifier(table);
  return sql`
    select ${asked}.term, newest.first, newest.turns from ${asked}
    cross join lateral (
      select first, cardinality(hits) as turns from recall_postings
      where conversation_id = ${conversationId} and recall_postings.term = ${asked}.term
        and first < ${before}::integer
      order by first desc limit ${most}::integer) newest`;
}
