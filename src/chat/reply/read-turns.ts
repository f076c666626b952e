import type { RowId } from "../conversation.ts";
import type { AskingMessage } from "./asking-message.ts";

/** It matters for the moment between a turn's storing and its asking. */
const CONVERSATIONS_REMEMBERED = 1_000;

/** How far a conversation was read. A place that was forgotten has another one, which begins at 0. */
export interface ReadTurn {
  readonly conversationId: RowId;
  /** Of the newest turn that was read. */
  readonly position: number;
}

type Asking = Pick<AskingMessage, "conversationId" | "position">;

export function isReadWith({ conversationId, position }: Asking, read: ReadTurn): boolean {
  return conversationId === read.conversationId && (position ?? Infinity) <= read.position;
}

/** How far the last replies have read, of the conversations that had one last. */
export class ReadTurns {
  readonly #positions = new Map<RowId, number>();

  keep({ conversationId, position }: ReadTurn): void {
    this.#positions.delete(conversationId);
    this.#positions.set(conversationId, position);
    const [oldest] = this.#positions.keys();
    if (this.#positions.size > CONVERSATIONS_REMEMBERED && oldest !== undefined) {
      this.#positions.delete(oldest);
    }
  }

  /** What was read there was answered by nobody. */
  drop({ conversationId }: ReadTurn): void {
    this.#positions.delete(conversationId);
  }

  has({ conversationId, position }: Asking): boolean {
    if (conversationId === undefined || position === undefined) return false;
    const read = this.#positions.get(conversationId);
    return read !== undefined && position <= read;
  }
}
