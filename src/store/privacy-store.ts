import { createHmac, randomBytes } from "node:crypto";
import type { PrivacyStore } from "../chat/privacy/privacy-store.ts";
import type { Database } from "./database.ts";
import {
  forgetAsking,
  forgetBeside,
  forgetLearned,
  forgetReplies,
  forgetWords,
} from "./privacy-forget.ts";
import type { Alias } from "./privacy-forget.ts";
import {
  expire,
  forgetGuild,
  noteGuilds,
  noteLeaving,
  readGuildsLeftBefore,
  readRetentions,
} from "./privacy-guilds.ts";
import {
  readAskedReplies,
  readConcerned,
  readHeld,
  readOwnNotes,
  readOwnProposals,
  readOwnTexts,
  readOwnWords,
} from "./privacy-own.ts";
import { dropStale, readStale } from "./stale-evaluations.ts";
import { createWithheldStore } from "./withheld.ts";

const BEGINNING = [0, 0] as const;

export function createPrivacyStore(database: Database, alias: Alias): PrivacyStore {
  return {
    ...createWithheldStore(database),
    held: (person) => database.run("count what is held", (queries) => readHeld(queries, person)),
    ownWords: (person, after = BEGINNING) =>
      database.run("read own words", (queries) => readOwnWords(queries, person, after)),
    askedReplies: (person, after = BEGINNING) =>
      database.run("read asked replies", (queries) => readAskedReplies(queries, person, after)),
    ownNotes: (person) =>
      database.run("read own notes", (queries) => readOwnNotes(queries, person)),
    ownProposals: (person) =>
      database.run("read own proposals", (queries) => readOwnProposals(queries, person)),
    ownTexts: (person) =>
      database.run("read own texts", (queries) => readOwnTexts(queries, person)),
    concerned: (person) =>
      database.run("find a person's places", (queries) => readConcerned(queries, person)),
    async forgetLearned(person) {
      await database.run("forget what was learned", (queries) => forgetLearned(queries, person));
    },
    forgetWords: (person) =>
      database.run("forget words", (queries) => forgetWords(queries, person)),
    forgetReplies: (person) =>
      database.run("forget replies", (queries) => forgetReplies(queries, person)),
    forgetAsking: (person) =>
      database.run("forget who asked", (queries) => forgetAsking(queries, person)),
    async forgetBeside(person) {
      await database.run("forget a name", (queries) =>
        forgetBeside(queries, { ...person, alias: alias(person.userId) }),
      );
    },
    stale: () => database.run("find stale evaluations", readStale),
    async dropStale(evaluation) {
      await database.run("drop a stale evaluation", (queries) => dropStale(queries, evaluation));
    },
    retentions: () => database.run("read retentions", readRetentions),
    expire: (guildId, before) =>
      database.run("expire turns", (queries) => expire(queries, guildId, before)),
    noteGuilds: (guilds, at) =>
      database.run("note guilds", (queries) => noteGuilds(queries, guilds, at)),
    noteLeaving: (guild, at) =>
      database.run("note a leaving", (queries) => noteLeaving(queries, guild, at)),
    guildsLeftBefore: (time) =>
      database.run("find left guilds", (queries) => readGuildsLeftBefore(queries, time)),
    forgetGuild: (guildId) =>
      database.run("forget a guild", (queries) => forgetGuild(queries, guildId)),
  };
}

/** Nobody can tell whom it means, once this process has ended. */
export function createAlias(): Alias {
  const key = randomBytes(32);
  return (userId) => `-${createHmac("sha256", key).update(userId).digest("hex")}`;
}
