import { sql } from "drizzle-orm";
import type { RowId } from "../../src/chat/conversation.ts";
import { toChannelId } from "../../src/chat/ids.ts";
import type { Database } from "../../src/store/database.ts";
import type { Store } from "../../src/store/open-store.ts";
import { createRandom } from "./random.ts";

const VOCABULARY = 50_000;
/** As if so many of the commonest words of a language were left out, as stop words are. */
const STOP_WORDS = 30;
const LEAST_WORDS = 4;
const MOST_WORDS = 24;
/** Their ids are their places here. */
export const SPEAKERS = ["Ada", "Ben", "Cleo", "Dana", "Emil"];
/** Turns until there is a pause. */
const STRETCH = 25;
const BATCH = 5_000;
const SYLLABLES = ["ka", "lo", "mi", "ru", "te", "no", "pa", "si", "du", "ve", "gor", "lan", "bis"];

export interface TalkSize {
  readonly turns: number;
  readonly signal: AbortSignal;
}

/** People talk in one place, in words that are as common and as rare as those of a language. */
export async function fillTalk(
  database: Database,
  store: Store,
  { signal, turns }: TalkSize,
): Promise<RowId> {
  const id = toChannelId(String(600_000_000_000_000_000n + BigInt(turns)));
  const place = { kind: "direct", id } as const;
  const { id: conversationId } = await store.conversations.open({ place, isParticipant: true });
  const random = createRandom(turns);
  const drawWord = createWords(random);
  for (let first = 0; first < turns; first += BATCH) {
    signal.throwIfAborted();
    const texts = Array.from({ length: Math.min(BATCH, turns - first) }, () => {
      const length = LEAST_WORDS + Math.floor(random() * (MOST_WORDS - LEAST_WORDS));
      return Array.from({ length }, drawWord).join(" ");
    });
    await insertTurns(database, { conversationId, first, texts });
  }
  return conversationId;
}

/** Each the rarer the later it comes in the vocabulary (Zipf's law). */
export function createWords(random: () => number): () => string {
  let sum = 0;
  const sums = Array.from(
    { length: VOCABULARY },
    (_, rank) => (sum += 1 / (rank + 1 + STOP_WORDS)),
  );
  return () => toWord(findRank(sums, random() * sum));
}

function findRank(sums: readonly number[], drawn: number): number {
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((sums[middle] ?? 0) < drawn) low = middle + 1;
    else high = middle;
  }
  return low;
}

function toWord(rank: number): string {
  let word = "";
  for (let rest = rank + SYLLABLES.length; rest > 0; rest = Math.floor(rest / SYLLABLES.length)) {
    word += SYLLABLES[rest % SYLLABLES.length] ?? "";
  }
  return word;
}

interface TurnBatch {
  readonly conversationId: RowId;
  readonly first: number;
  readonly texts: readonly string[];
}

async function insertTurns(
  database: Database,
  { conversationId, first, texts }: TurnBatch,
): Promise<void> {
  await database.run("fill the turns", (queries) =>
    queries.execute(sql`
      insert into turns (conversation_id, position, role, author_id, author_name, content, said_at)
      select ${conversationId}::bigint, ${first}::integer + place - 1, 'user',
        (place % ${SPEAKERS.length}::integer)::text,
        (string_to_array(${SPEAKERS.join(",")}, ','))[1 + place % ${SPEAKERS.length}::integer],
        text, timestamptz '2020-01-01' + (${first}::integer + place) * interval '1 minute'
          + (${first}::integer + place) / ${STRETCH}::integer * interval '2 hours'
      from unnest(string_to_array(${texts.join("\n")}, e'\n')) with ordinality told (text, place)`),
  );
}
