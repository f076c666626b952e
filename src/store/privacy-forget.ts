import { sql } from "drizzle-orm";
import type { RowId } from "../chat/conversation.ts";
import { NOBODY } from "../chat/ids.ts";
import type { UserId } from "../chat/ids.ts";
import type { PersonIn, Step } from "../chat/privacy/privacy-store.ts";
import { toCommonTables } from "./common-table.ts";
import type { Queries } from "./database.ts";
import { proposals } from "./learning-schema.ts";
import { conversations } from "./schema.ts";
import { guildOfPlace, isTurnWithin, isWithin, STEP_ROWS, takeStep } from "./privacy-scope.ts";

/** As `chat/prompt/quote.ts` writes it. */
const QUOTE_LINE = String.raw`^\[replying to: [^\n]*\]\n`;

/** What others said stays, without what they quoted. */
export async function forgetWords(queries: Queries, person: PersonIn): Promise<Step> {
  const { userId } = person;
  const said = sql`
    delete from turns where id in (
      select turns.id from turns where turns.author_id = ${userId} and ${isTurnWithin(person)}
      limit ${STEP_ROWS})
    returning conversation_id`;
  const quoted = sql`
    update turns set content = regexp_replace(content, ${QUOTE_LINE}::text, ''),
      quoted_author_id = null, token_count = null, token_basis = null
    where id in (
      select turns.id from turns
      where turns.quoted_author_id = ${userId} and turns.author_id is distinct from ${userId}
        and ${isTurnWithin(person)}
      limit ${STEP_ROWS})
    returning conversation_id`;
  return await takeStep(queries, [
    ["said", said],
    ["quoted", quoted],
  ]);
}

/** With all variants of them: they answer the same. */
export async function forgetReplies(queries: Queries, person: PersonIn): Promise<Step> {
  const replied = sql`
    delete from turns where id in (
      select distinct turns.id from variants join turns on turns.id = variants.turn_id
      where variants.asked_by = ${person.userId} and ${isTurnWithin(person)}
      limit ${STEP_ROWS})
    returning conversation_id`;
  return await takeStep(queries, [["replied", replied]]);
}

export async function forgetAsking(queries: Queries, person: PersonIn): Promise<Step> {
  const asked = sql`
    update variants set asked_by = null from turns
    where turns.id = variants.turn_id and variants.id in (
      select variants.id from variants join turns on turns.id = variants.turn_id
      where variants.asked_by = ${person.userId} and ${isTurnWithin(person)}
      limit ${STEP_ROWS})
    returning turns.conversation_id`;
  return await takeStep(queries, [["asked", asked]]);
}

/**
 * Proposals stay, as nobody's and without a word of theirs, until their messages are gone. Who is
 * forgotten everywhere consents to nothing any more.
 */
export async function forgetLearned(queries: Queries, { scope, userId }: PersonIn): Promise<void> {
  const discarded = sql`
    delete from discarded_facts where user_id = ${userId}
      and ${isWithin(scope, sql`discarded_facts.guild_id`)}`;
  const consented = sql`
    delete from learning_consents
    where user_id = ${userId} and ${scope.kind === "everywhere"}::boolean`;
  await queries
    .with(
      ...toCommonTables(queries, [
        ["discarded", discarded],
        ["consented", consented],
      ]),
    )
    .update(proposals)
    .set({ userId: NOBODY, content: null, replaces: null, state: "withdrawn" })
    .where(
      sql`${proposals.userId} = ${userId} and ${proposals.conversationId} in (
        select id from conversations where ${isWithin(scope, sql`conversations.guild_id`)})`,
    );
}

export interface Besides extends PersonIn {
  /** Whom the quota's ledger goes on with, so that nobody is forgotten for another quota. */
  readonly alias: string;
}

/** One statement. Returns the conversations that have read a note of the person's. */
export async function forgetBeside(queries: Queries, beside: Besides): Promise<readonly RowId[]> {
  const removed = sql`
    delete from notes where (subject_id = ${beside.userId} or author_id = ${beside.userId})
      and ${isWithin(beside.scope, sql`notes.guild_id`)}
    returning place_id, guild_id`;
  const readers = queries.$with("readers", { id: conversations.id }).as(sql`
    select id from conversations where place_id in (select place_id from removed)
      or guild_id in (select guild_id from removed where place_id is null)`);
  const rows = await queries
    .with(...toCommonTables(queries, [["removed", removed], ...forgetNames(beside)]), readers)
    .select()
    .from(readers);
  return rows.map(({ id }) => id);
}

function forgetNames({ alias, scope, userId }: Besides) {
  const anonymous = sql`changed_by = ${NOBODY}, changed_by_name = ''`;
  const ledger = sql`
    update usages set user_id = ${alias}
    where user_id = ${userId} and ${isWithin(scope, sql`usages.guild_id`)}`;
  const prompts = sql`
    update system_prompts set ${anonymous} where changed_by = ${userId}
      and ${isWithin(scope, guildOfPlace(sql`system_prompts.place_id`))}`;
  const versions = sql`
    update persona_versions set ${anonymous} from personas
    where personas.id = persona_versions.persona_id and changed_by = ${userId}
      and ${isWithin(scope, sql`personas.guild_id`)}`;
  const opened = sql`
    update conversations set opened_by = nullif(opened_by, ${userId}),
      first_speaker_id = nullif(first_speaker_id, ${userId})
    where (opened_by = ${userId} or first_speaker_id = ${userId})
      and ${isWithin(scope, sql`conversations.guild_id`)}`;
  return [
    ["ledger", ledger],
    ["prompts", prompts],
    ["versions", versions],
    ["opened", opened],
  ] as const;
}

/** For a while, somebody whom nobody can tell: keyed by what this process alone knows. */
export type Alias = (userId: UserId) => string;
