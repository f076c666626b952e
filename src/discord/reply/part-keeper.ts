import type { ReplyPart } from "../../chat/conversation.ts";
import type { Log } from "../../chat/ports.ts";

/**
 * Has each part saved when it is new or its stretch has changed, one after the other and without
 * anyone waiting. What cannot be saved is logged: a reply is worth more than its bookkeeping.
 */
export class PartKeeper {
  readonly #save: (part: ReplyPart) => Promise<void>;
  readonly #log: Log;
  readonly #kept = new Map<number, ReplyPart>();
  #saving: Promise<void> = Promise.resolve();

  constructor(save: (part: ReplyPart) => Promise<void>, log: Log) {
    this.#save = save;
    this.#log = log;
  }

  keep(part: ReplyPart): void {
    const kept = this.#kept.get(part.index);
    const isSame =
      kept?.messageId === part.messageId && kept.start === part.start && kept.end === part.end;
    if (isSame) return;
    this.#kept.set(part.index, part);
    this.#saving = this.#saving.then(() => this.#saveOrLog(part));
  }

  /** Resolves when every part so far has been tried. */
  settled(): Promise<void> {
    return this.#saving;
  }

  async #saveOrLog(part: ReplyPart): Promise<void> {
    try {
      await this.#save(part);
    } catch (error) {
      const reason = error instanceof Error ? error.name : typeof error;
      this.#log.warn({ messageId: part.messageId, reason }, "A part of a reply was not saved.");
    }
  }
}
