import type { RowId } from "../conversation.ts";
import type { ChannelId, GuildId, UserId } from "../ids.ts";
import { isPrivatePlace, toReach } from "../memory/note.ts";
import type { Place } from "../place.ts";

/** Of one fact, in UTF-16 units: three of them, with what they replace, fit into one message. */
export const MAX_FACT_LENGTH = 160;

/** Proposals that one stretch of a conversation may bring. */
export const MOST_FACTS = 3;

/** Proposals for one person in a day, in all places together: nobody is to be pestered. */
export const MOST_A_DAY = 6;

/**
 * `withdrawn`: what it rests on was changed or taken back, or the person no longer consents. The
 * text is there only while a proposal is pending.
 */
export type ProposalState = "pending" | "kept" | "discarded" | "expired" | "withdrawn";

/** A fact about a person that the model would keep. */
export interface Proposal {
  readonly id: RowId;
  readonly state: ProposalState;
  /** Undefined once it is decided. */
  readonly text: string | undefined;
  /** What is remembered instead so far, word for word. */
  readonly replaces: string | undefined;
}

/** A fact that the model would keep, before it is stored. */
export interface NewFact {
  readonly text: string;
  /** The note that it contradicts, or brings up to date. */
  readonly replaces: RowId | undefined;
}

export interface FactReach {
  readonly guildId: GuildId | undefined;
  readonly placeId: ChannelId | undefined;
  readonly parentId: ChannelId | undefined;
}

/**
 * Which places read what was learned in one. Nobody chose where it is read, so what was said where
 * nobody comes in without being invited stays there.
 */
export function toFactReach(place: Place): FactReach {
  return toReach(isPrivatePlace(place) ? "place" : "person", place);
}

/** All proposals of one message: they are about one person. */
export interface ProposalMessage {
  readonly person: UserId;
  readonly proposals: readonly Proposal[];
}
