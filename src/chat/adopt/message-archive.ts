import type { MessageId } from "../ids.ts";
import type { Place, Quoted, Speaker } from "../place.ts";

/** Discord's limit for one request. */
export const ARCHIVE_PAGE = 100;

/** A message as it stands in its place, whoever wrote it. */
export interface ArchivedMessage {
  readonly id: MessageId;
  readonly saidAt: Date;
  /** `other` belongs to no history: other bots, the platform's notices, messages without words. */
  readonly kind: "person" | "familiar" | "other" | "withheld";
  readonly author: Speaker;
  readonly text: string;
  readonly quoted: Quoted | undefined;
}

/** Reads what is written in a place, from any time. */
export interface MessageArchive {
  /**
   * The newest `ARCHIVE_PAGE` messages before one, newest first; fewer where there are no more.
   *
   * @throws {InvalidInput} `messages-unreadable` where Familiar may not read them
   * @throws {FamiliarError} `discord-failed`
   */
  before(place: Place, messageId: MessageId): Promise<readonly ArchivedMessage[]>;
  /** The message that a thread hangs on, which is not in it; undefined where it cannot be read. */
  starterOf(place: Place): Promise<ArchivedMessage | undefined>;
}
