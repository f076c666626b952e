import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { toGuildId, toUserId } from "../chat/ids.ts";
import type { Forgetting, PrivacyScope, WithheldStore } from "../chat/privacy/privacy-store.ts";
import type { Database, Queries } from "./database.ts";
import { toCommonTables } from "./common-table.ts";
import { withdrawProposals } from "./learning-store.ts";
import { forgettings, optOuts } from "./privacy-schema.ts";

interface Said {
  readonly authorId: SQL;
  /** Null in direct messages. */
  readonly guildId: SQL;
  readonly saidAt: SQL;
}

/** Whether someone's words are not to be stored. Statements ask, so that no way in is forgotten. */
export function isWithheld({ authorId, guildId, saidAt }: Said): SQL {
  return sql`(exists (select from opt_outs where opt_outs.user_id = ${authorId})
    or exists (select from forgettings where forgettings.user_id = ${authorId}
      and forgettings.until > ${saidAt}
      and forgettings.scope in ('everywhere', coalesce(${guildId}, 'direct'))))`;
}

interface SaidQuote extends Said {
  /** Null for Familiar's own. */
  readonly authorId: SQL;
  readonly messageId: SQL;
}

/** The same of the words that someone quotes. */
export function isQuoteWithheld({ messageId, ...said }: SaidQuote): SQL {
  return sql`(${isWithheld(said)} or ${isForgottenReply(messageId)})`;
}

/** Whether a message showed a reply that was forgotten with whom it answered. */
export function isForgottenReply(messageId: SQL | string): SQL {
  return sql`exists (select from forgotten_replies
    where forgotten_replies.message_id = ${messageId})`;
}

export function createWithheldStore(database: Database): WithheldStore {
  return {
    read: () => database.run("read who is withheld", read),
    async optOut(userId) {
      const unlearned = sql`delete from learning_consents where user_id = ${userId}`;
      await database.run("opt out", (queries) =>
        queries
          .with(...toCommonTables(queries, [withdrawProposals(userId), ["unlearned", unlearned]]))
          .insert(optOuts)
          .values({ userId })
          .onConflictDoNothing(),
      );
    },
    async optIn(userId) {
      await database.run("opt in", (queries) =>
        queries.delete(optOuts).where(sql`${optOuts.userId} = ${userId}`),
      );
    },
    async addForgetting({ scope, until, userId }) {
      const row = { userId, scope: toColumn(scope), until };
      await database.run("note a forgetting", (queries) =>
        queries
          .insert(forgettings)
          .values(row)
          .onConflictDoUpdate({
            target: [forgettings.userId, forgettings.scope],
            set: { until: sql`greatest(${forgettings.until}, excluded.until)` },
          }),
      );
    },
  };
}

async function read(queries: Queries) {
  const [out, forgotten] = await Promise.all([
    queries.select().from(optOuts),
    queries.select().from(forgettings),
  ]);
  return {
    optedOut: out.map(({ userId }) => toUserId(userId)),
    forgettings: forgotten.map(({ scope, until, userId }): Forgetting => ({
      userId: toUserId(userId),
      scope: toScope(scope),
      until,
    })),
  };
}

function toColumn(scope: PrivacyScope): string {
  return scope.kind === "guild" ? scope.id : scope.kind;
}

function toScope(column: string): PrivacyScope {
  if (column === "everywhere" || column === "direct") return { kind: column };
  return { kind: "guild", id: toGuildId(column) };
}
