import { sql } from "drizzle-orm";
import { NOBODY } from "../chat/ids.ts";
import type { UserId } from "../chat/ids.ts";
import type { PersonIn, Step } from "../chat/privacy/privacy-store.ts";
import { toCommonTables } from "./common-table.ts";
import type { Queries } from "./database.ts";
import { proposals } from "./learning-schema.ts";
import { guildOfPlace, isTurnWithin, isWithin, repliesTo } from "./privacy-scope.ts";
import { markStale, runSteps, STEP_ROWS, takeStep } from "./privacy-step.ts";
import { UNQUOTED } from "./quote-line.ts";

/** What others said stays, without what they quoted. */
export async function forgetWords(queries: Queries, person: PersonIn): Promise<Step> {
  const { userId } = person;
  const own = sql`
    select turns.id from turns where turns.author_id = ${userId} and ${isTurnWithin(person)}
    limit ${STEP_ROWS}`;
  const quoting = sql`
    select turns.id from turns
    where turns.quoted_author_id = ${userId} and turns.author_id is distinct from ${userId}
      and ${isTurnWithin(person)}
    limit ${STEP_ROWS}`;
  const said = sql`
    delete from turns where id in (select id from own) returning conversation_id`;
  const quoted = sql`
    update turns set ${UNQUOTED} where id in (select id from quoting) returning conversation_id`;
  return await takeStep(queries, {
    chosen: [
      ["own", own],
      ["quoting", quoting],
    ],
    changes: [
      ["said", said],
      ["quoted", quoted],
    ],
  });
}

/**
 * With all variants of them: they answer the same. What others quoted of them goes as well, and the
 * messages that show them are known again when they are read back.
 */
export async function forgetReplies(queries: Queries, person: PersonIn): Promise<Step> {
  const gone = sql`
    select distinct turns.id, turns.conversation_id from variants
    join turns on turns.id = variants.turn_id
    where variants.id in (${repliesTo(person.userId)}) and ${isTurnWithin(person)}
    limit ${STEP_ROWS}`;
  const shown = sql`
    select distinct parts.message_id, conversations.guild_id from gone
    join conversations on conversations.id = gone.conversation_id
    join variants on variants.turn_id = gone.id join parts on parts.variant_id = variants.id`;
  const noted = sql`
    insert into forgotten_replies (message_id, guild_id) select message_id, guild_id from shown
    on conflict do nothing`;
  const replied = sql`
    delete from turns where id in (select id from gone) returning conversation_id`;
  const quoted = sql`
    update turns set ${UNQUOTED} where quoted_message_id in (select message_id from shown)
    returning conversation_id`;
  return await takeStep(queries, {
    chosen: [["gone", gone]],
    beside: [
      ["shown", shown],
      ["noted", noted],
    ],
    changes: [
      ["replied", replied],
      ["quoted", quoted],
    ],
  });
}

export async function forgetAsking(queries: Queries, person: PersonIn): Promise<Step> {
  const meant = sql`
    select variants.id, turns.conversation_id from variants
    join turns on turns.id = variants.turn_id
    where variants.id in (${repliesTo(person.userId)}) and ${isTurnWithin(person)}
    limit ${STEP_ROWS}`;
  const asked = sql`
    update variants set asked_by = nullif(asked_by, ${person.userId})
    from meant where variants.id = meant.id returning meant.conversation_id`;
  const joint = sql`
    delete from joint_askers where user_id = ${person.userId}
      and variant_id in (select id from meant)`;
  return await takeStep(queries, {
    chosen: [["meant", meant]],
    beside: [["joint", joint]],
    changes: [["asked", asked]],
  });
}

/**
 * Proposals stay, as nobody's and without a word of theirs, until their messages are gone. Who is
 * forgotten everywhere consents to nothing any more.
 */
export async function forgetLearned(queries: Queries, { scope, userId }: PersonIn): Promise<void> {
  const discarded = sql`
    delete from discarded_facts where user_id = ${userId}
      and ${isWithin(scope, sql`discarded_facts.guild_id`)}`;
  const progressed = sql`
    delete from learning_progress where user_id = ${userId} and conversation_id in (
      select id from conversations where ${isWithin(scope, sql`conversations.guild_id`)})`;
  const consented = sql`
    delete from learning_consents
    where user_id = ${userId} and ${scope.kind === "everywhere"}::boolean`;
  await queries
    .with(
      ...toCommonTables(queries, [
        ["discarded", discarded],
        ["progressed", progressed],
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

/** One statement. What has read a note of the person's is to be evaluated anew. */
export async function forgetBeside(queries: Queries, beside: Besides): Promise<void> {
  const removed = sql`
    delete from notes where (subject_id = ${beside.userId} or author_id = ${beside.userId})
      and ${isWithin(beside.scope, sql`notes.guild_id`)}
    returning place_id, guild_id`;
  const readers = sql`
    select id as conversation_id from conversations
    where place_id in (select place_id from removed)
      or guild_id in (select guild_id from removed where place_id is null)`;
  await runSteps(queries, [
    ["removed", removed],
    ["readers", readers],
    markStale(sql`select conversation_id from readers`),
    ...forgetNames(beside),
  ]);
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
