import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { z } from "zod";
import type { RowId } from "../../src/chat/conversation.ts";
import { toChannelId, toMessageId, toUserId } from "../../src/chat/ids.ts";
import type { Database } from "../../src/store/database.ts";
import type { Store } from "../../src/store/open-store.ts";

const FIRST_PLACE_ID = 300_000_000_000_000_000n;
const TURN_MS = 60_000;

const conversationSchema = z.object({
  id: z.string(),
  speakers: z.array(z.string()),
  sessions: z.array(
    z.object({
      time: z.string(),
      turns: z.array(
        z.object({
          id: z.string(),
          speaker: z.string(),
          text: z.string(),
          image: z.string().optional(),
        }),
      ),
    }),
  ),
  questions: z.array(
    z.object({ kind: z.string(), question: z.string(), evidence: z.array(z.string()) }),
  ),
});

export type LocomoConversation = z.infer<typeof conversationSchema>;

/**
 * Reads the conversations of LoCoMo that are in a folder, one file each.
 *
 * @throws {Error} one sentence, when there are none
 */
export async function loadLocomo(folder: string): Promise<readonly LocomoConversation[]> {
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => /^conv-.*\.json$/.test(name)).toSorted();
  if (files.length === 0) {
    throw new Error(
      `There are no conversations of LoCoMo in ${folder}: set LOCOMO_DIR to the folder that holds them.`,
    );
  }
  return await Promise.all(
    files.map(async (name) =>
      conversationSchema.parse(JSON.parse(await readFile(join(folder, name), "utf8"))),
    ),
  );
}

export interface FilledConversation {
  readonly conversationId: RowId;
  /** Of each turn, by LoCoMo's name for it. */
  readonly positions: ReadonlyMap<string, number>;
}

/** Stores a conversation as if it had been held in direct messages, at its own times. */
export async function fillLocomo(
  database: Database,
  store: Store,
  { id, sessions, speakers }: LocomoConversation,
): Promise<FilledConversation> {
  const placeId = toChannelId(String(FIRST_PLACE_ID + BigInt(id.replaceAll(/\D/g, ""))));
  const place = { kind: "direct", id: placeId } as const;
  const { id: conversationId } = await store.conversations.open({ place, isParticipant: true });
  const positions = new Map<string, number>();
  const times: SQL[] = [];
  for (const session of sessions) {
    const start = parseTime(session.time);
    for (const [index, turn] of session.turns.entries()) {
      const position = positions.size;
      await store.conversations.record(conversationId, {
        messageId: toMessageId(String(FIRST_PLACE_ID + BigInt(position))),
        role: "user",
        speaker: {
          id: toUserId(String(FIRST_PLACE_ID + BigInt(speakers.indexOf(turn.speaker)))),
          name: turn.speaker,
        },
        text: turn.image === undefined ? turn.text : `[${turn.image}]\n${turn.text}`,
      });
      positions.set(turn.id, position);
      const saidAt = new Date(start + index * TURN_MS).toISOString();
      times.push(sql`(${position}::integer, ${saidAt}::timestamptz)`);
    }
  }
  await database.run("set the times", (queries) =>
    queries.execute(sql`
      update turns set said_at = told.said_at
      from (values ${sql.join(times, sql`, `)}) as told (position, said_at)
      where turns.conversation_id = ${conversationId} and turns.position = told.position`),
  );
  return { conversationId, positions };
}

/** "1:56 pm on 8 May, 2023" as milliseconds, in UTC. */
function parseTime(text: string): number {
  const match = /^(\d+):(\d+) ([ap]m) on (\d+) (\w+), (\d+)$/.exec(text);
  if (match === null) throw new Error(`"${text}" is no time of LoCoMo's`);
  const [, hour, minute, half, day, month, year] = match;
  return Date.parse(`${day} ${month} ${year} ${hour}:${minute} ${half} UTC`);
}
