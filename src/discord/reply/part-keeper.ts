import type { ReplyPart } from "../../chat/conversation.ts";
import type { Log } from "../../chat/ports.ts";

type Facts = Readonly<Record<string, unknown>>;

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
    const { messageId } = part;
    this.also(() => this.#save(part), { messageId });
  }

  /** Resolves when the part of a message is no longer saved, or could not be dropped. */
  async drop(
    { index, messageId }: Pick<ReplyPart, "index" | "messageId">,
    drop: () => Promise<void>,
  ) {
    this.#kept.delete(index);
    this.also(drop, { messageId });
    await this.#saving;
  }

  /** Has something else of the reply saved, after what came before it. */
  also(save: () => Promise<void>, facts: Facts): void {
    this.#saving = this.#saving.then(() => this.#tryOrLog(save, facts));
  }

  /** Resolves when every part so far has been tried. */
  settled(): Promise<void> {
    return this.#saving;
  }

  async #tryOrLog(save: () => Promise<void>, facts: Facts): Promise<void> {
    try {
      await save();
    } catch (error) {
      const reason = error instanceof Error ? error.name : typeof error;
      this.#log.warn({ ...facts, reason }, "A part of a reply was not saved.");
    }
  }
}
