import type { ChannelId, MessageId } from "../ids.ts";
import type { Place } from "../place.ts";
import type { ProposalMessage } from "./proposal.ts";

/** `later`: it may work another time. */
export type ShowOutcome = "done" | "gone" | "later";

/** Where people are asked whether something is to be remembered of them. Never rejects. */
export interface ProposalSurface {
  /** A place as it is now, with whether it is private; undefined where it cannot be seen. */
  find(placeId: ChannelId): Promise<Place | undefined>;
  /** Undefined where it could not be posted. */
  post(place: Place, message: ProposalMessage): Promise<MessageId | undefined>;
  show(place: Place, messageId: MessageId, message: ProposalMessage): Promise<ShowOutcome>;
  remove(place: Place, messageId: MessageId): Promise<ShowOutcome>;
}
