import type { UnfinishedReply } from "../conversation.ts";
import type { ChannelId, MessageId } from "../ids.ts";
import type { Place } from "../place.ts";
import type { AliveConversation } from "../ports.ts";
import type { TakenTurn } from "../privacy/take-turn.ts";
import type { AskingMessage } from "../reply/asking-message.ts";

/** What is to be answered in one place. */
export interface DueReply {
  readonly place: Place;
  /** Empty where the message that it answers is older. */
  readonly messages: readonly AskingMessage[];
}

/** As it was when nobody listened any more. */
export interface LeftConversation extends AliveConversation {
  /** The newest of what was missed that was looked at, where not all of it could be read. */
  readonly readUpTo?: MessageId | undefined;
}

/** What is to be made up for in one place. */
export class LeftPlace {
  readonly place: Place;
  readonly unfinished: UnfinishedReply[] = [];
  /** Undefined once all that was missed has been read. */
  unread: LeftConversation | undefined;
  /** Ends with a question that nobody is known to have answered, or asked for. */
  open: AliveConversation | undefined;
  #taken: readonly TakenTurn[] = [];

  constructor(place: Place) {
    this.place = place;
  }

  /** Stored, and not asked for yet. */
  get taken(): readonly TakenTurn[] {
    return this.#taken;
  }

  get hasTakenHere(): boolean {
    return this.#taken.some((one) => this.#isHere(one));
  }

  get isDone(): boolean {
    const isRead = this.unread === undefined && this.unfinished.length === 0;
    return isRead && this.open === undefined && this.#taken.length === 0;
  }

  keep(turn: TakenTurn): void {
    this.#taken = [...this.#taken, turn];
  }

  /** Their authors deleted them, or had themselves forgotten: they ask for nothing any more. */
  takeBack(messageIds: readonly MessageId[]): void {
    this.#taken = this.#taken.filter(({ asking }) => !messageIds.includes(asking.id));
  }

  /** What was said before, and is answered here, is not answered any more. */
  pass(): void {
    this.unread = undefined;
    this.noteAsked(this.place.id);
  }

  noteAsked(placeId: ChannelId): void {
    if (placeId === this.place.id) this.open = undefined;
    this.#taken = this.#taken.filter(({ conversation }) => conversation.place.id !== placeId);
  }

  /** What was missed in a place is answered together; what got a thread of its own, there. */
  due(): readonly DueReply[] {
    const here = this.#taken.filter((one) => this.#isHere(one)).map(({ asking }) => asking);
    const elsewhere = this.#taken
      .filter((one) => !this.#isHere(one))
      .map(({ asking, conversation }) => ({ place: conversation.place, messages: [asking] }));
    const isDueHere = here.length > 0 || this.open !== undefined;
    return isDueHere ? [{ place: this.place, messages: here }, ...elsewhere] : elsewhere;
  }

  #isHere({ conversation }: TakenTurn): boolean {
    return conversation.place.id === this.place.id;
  }
}

/** What was missed is answered together with what is said after it in the same place. */
export function joinDue(
  missed: readonly DueReply[],
  { asking, conversation: { place } }: TakenTurn,
): readonly DueReply[] {
  const here = missed.filter((due) => due.place.id === place.id);
  const elsewhere = missed.filter((due) => due.place.id !== place.id);
  return [...elsewhere, { place, messages: [...here.flatMap(({ messages }) => messages), asking] }];
}
