import type { ShownEnding } from "../../chat/ports.ts";
import { layOutDraft, layOutEnding, type PlannedMessage } from "./message-layout.ts";
import { ReplySplitter } from "./split-reply.ts";

/** All that a reply has to show by now, as messages. */
export class ReplyContent {
  readonly #splitter = new ReplySplitter();
  #sentence: string | undefined;
  #text = "";
  #ending: ShownEnding | undefined;

  get hasEnded(): boolean {
    return this.#ending !== undefined;
  }

  /** What stands in the place of the text while there is none. */
  wait(sentence: string | undefined): void {
    this.#sentence = sentence;
  }

  show(text: string): void {
    this.#text = text;
  }

  end(ending: ShownEnding): void {
    this.#ending = ending;
  }

  measure(text: string, messages: number): number {
    return this.#splitter.measure(text, messages);
  }

  plan(): readonly PlannedMessage[] {
    if (this.#ending === undefined) {
      return layOutDraft(this.#splitter.splitDraft(this.#text), this.#sentence);
    }
    return layOutEnding(this.#splitter.splitWhole(this.#ending.text), this.#ending);
  }
}
