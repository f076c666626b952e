import { sql } from "drizzle-orm";
import { toChannelId, toGuildId, toMessageId, toUserId } from "../../src/chat/ids.ts";
import type { SaidMessage } from "../../src/chat/place.ts";
import type { Engine } from "../../src/chat/ports.ts";
import type { Database } from "../../src/store/database.ts";

const GUILD_ID = "100000000000000001";
const PARENT_ID = "100000000000000002";
const SPEAKER_ID = "100000000000000003";
const FIRST_PLACE_ID = 200_000_000_000_000_000n;
/** Newer than all messages of a filled history. */
const FIRST_NEW_MESSAGE_ID = 900_000_000_000_000_000n;

const QUESTIONS = [
  "What would you bring to a picnic?",
  "I was out on the hill this morning, and the fog lay in the valley like milk in a bowl. Do you think that it will be as cold tomorrow? I would like to take the children, and the little one has only her thin coat with her.",
  "ok",
];
const ANSWERS = [
  "Bread, a good cheese, some apples, and a blanket that is larger than you think you need. If there are children, bring something to throw and something to read, and leave early enough that nobody has to hurry home in the dark.",
  "That sounds good to me.",
  "It may well be: clear nights in autumn are cold ones. Take a warm coat for the little one, and tea in a flask; the fog is usually gone by ten.",
];

export interface HistoryFilling {
  readonly places: number;
  readonly turnsInEach: number;
  readonly counter: Engine;
}

/** Threads as Familiar itself would have left them: turns in pairs, each with its token count. */
export async function fillHistory(database: Database, filling: HistoryFilling): Promise<void> {
  const { counter, places, turnsInEach } = filling;
  await database.run("fill the conversations", (queries) =>
    queries.execute(sql`
      insert into conversations (place_id, kind, guild_id, parent_id, is_participant,
        first_speaker_id, next_position, last_message_id)
      select (${String(FIRST_PLACE_ID)}::bigint + place)::text, 'thread', ${GUILD_ID}::text,
        ${PARENT_ID}::text, true, ${SPEAKER_ID}::text, ${turnsInEach}::integer, null
      from generate_series(0, ${places - 1}::integer) place`),
  );
  const basis = `${counter.countBasis}/plain`;
  const questions = await countAll(counter, "user", QUESTIONS);
  const answers = await countAll(counter, "assistant", ANSWERS);
  await database.run("fill the turns", (queries) =>
    queries.execute(sql`
      insert into turns (conversation_id, position, role, author_id, author_name, content,
        message_id, token_count, token_basis)
      select conversations.id, position, said.role,
        case said.role when 'user' then ${SPEAKER_ID}::text end,
        case said.role when 'user' then 'Ada' end,
        case said.role when 'user' then said.text end,
        case said.role when 'user' then (conversations.id * 1000000 + position)::text end,
        said.tokens, ${basis}::text
      from conversations
      cross join generate_series(0, ${turnsInEach - 1}::integer) position
      join (values ${sql.join([...questions, ...answers], sql`, `)})
        said (role, number, text, tokens)
        on said.number = position / 2 % 3
          and said.role = case position % 2 when 0 then 'user' else 'assistant' end`),
  );
  await database.run("fill the replies", (queries) =>
    queries.execute(sql`
      insert into variants (turn_id, is_active, state, content, finish_reason, model, ended_at)
      select turns.id, true, 'complete', said.text, 'stop', 'none', now()
      from turns
      join (values ${sql.join(answers, sql`, `)}) said (role, number, text, tokens)
        on said.number = turns.position / 2 % 3
      where turns.role = 'assistant'`),
  );
}

async function countAll(counter: Engine, role: "user" | "assistant", texts: readonly string[]) {
  return await Promise.all(
    texts.map(async (text, number) => {
      const tokens = await counter.countTokens({ role, text });
      return sql`(${role}::text, ${number}::integer, ${text}::text, ${tokens}::integer)`;
    }),
  );
}

/** What is said next in one of the places. Each `round` makes another message. */
export function toBenchMessage(placeNumber: number, round: number): SaidMessage {
  return {
    id: toMessageId(String(FIRST_NEW_MESSAGE_ID + BigInt(round))),
    place: {
      kind: "thread",
      id: toChannelId(String(FIRST_PLACE_ID + BigInt(placeNumber))),
      guildId: toGuildId(GUILD_ID),
      parentId: toChannelId(PARENT_ID),
    },
    saidAt: new Date(),
    author: { id: toUserId(SPEAKER_ID), name: "Ada" },
    authorRoles: [],
    isFromPerson: true,
    text: `${QUESTIONS[round % QUESTIONS.length] ?? ""} (${round})`,
    mentionsFamiliar: false,
    repliesToFamiliar: false,
  };
}
