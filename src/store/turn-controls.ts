import type { ConversationStore } from "../chat/ports.ts";
import type { Database } from "./database.ts";
import { findTurn, forkConversation, readForks } from "./fork.ts";
import { dropTurns, moveControls } from "./take-back.ts";

type TurnControls = Pick<
  ConversationStore,
  "dropTurns" | "findTurn" | "fork" | "forks" | "moveControls"
>;

/** What people do with turns that are there already. */
export function createTurnControls(database: Database): TurnControls {
  return {
    dropTurns: (turnIds) =>
      database.run("take turns back", (queries) => dropTurns(queries, turnIds)),
    findTurn: (placeId, messageId) =>
      database.run("find a turn", (queries) => findTurn(queries, placeId, messageId)),
    fork: (fork) =>
      database.run("fork a conversation", (queries) => forkConversation(queries, fork)),
    forks: (placeId, quoted = []) =>
      database.run("find forks", (queries) => readForks(queries, placeId, quoted)),
    moveControls: (placeId, messageId) =>
      database.run("move the controls", (queries) => moveControls(queries, placeId, messageId)),
  };
}
