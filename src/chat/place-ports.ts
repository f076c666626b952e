import type { MessageId } from "./ids.ts";
import type { Place, SaidMessage } from "./place.ts";
import type { NewTurn } from "./ports.ts";

/** Reads what people wrote while nobody listened. Empty where the place cannot be read (any more). */
export interface PlaceReader {
  /** The message that a thread was started from; undefined where there is none. */
  starterOf(place: Place): Promise<NewTurn | undefined>;
  /**
   * At most `limit` messages after the given one, oldest first.
   *
   * @throws {FamiliarError} `discord-failed`: there may be some, and nobody can tell
   */
  messagesAfter(place: Place, messageId: MessageId, limit: number): Promise<readonly SaidMessage[]>;
  /** At most `limit` messages before the given one, the newest of them, oldest first. */
  messagesBefore(
    place: Place,
    messageId: MessageId,
    limit: number,
  ): Promise<readonly SaidMessage[]>;
}

export interface ThreadOpener {
  /**
   * Opens a thread that hangs on a message, or finds the one that does. Undefined where there can be
   * none, or Familiar may not open it.
   */
  openFrom(message: SaidMessage): Promise<(Place & { readonly kind: "thread" }) | undefined>;
}
