import type { ReplyControls, ShownEnding } from "../../chat/reply-surface.ts";
import { layOutDraft, layOutEnding, withControls, type PlannedMessage } from "./message-layout.ts";
import { ReplySplitter } from "./split-reply.ts";

/** How a reply ended, in words. */
export interface WordedEnding extends Omit<ShownEnding, "notice"> {
  readonly notice: string | undefined;
  /** Above the thoughts. */
  readonly heading: string;
}

/** All that a reply has to show by now, as messages. */
export class ReplyContent {
  readonly #splitter = new ReplySplitter();
  readonly #running: ReplyControls | undefined;
  #sentence: string | undefined;
  #text: string;
  #ending: WordedEnding | undefined;

  /** @param running what can be done while it is written */
  constructor(text: string, running: ReplyControls | undefined) {
    this.#text = text;
    this.#running = running;
  }

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

  end(ending: WordedEnding): void {
    this.#ending = ending;
  }

  measure(text: string, messages: number): number {
    return this.#splitter.measure(text, messages);
  }

  plan(): readonly PlannedMessage[] {
    if (this.#ending === undefined) {
      const draft = layOutDraft(this.#splitter.splitDraft(this.#text), this.#sentence);
      return withControls(draft, this.#running);
    }
    const whole = this.#splitter.splitWhole(this.#ending.text);
    return withControls(layOutEnding(whole, this.#ending), this.#ending.controls);
  }
}
