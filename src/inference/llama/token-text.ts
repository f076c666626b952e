import type { LlamaModel, Token } from "node-llama-cpp";

/** What an unfinished character is shown as when it is made text too early. */
const UNFINISHED = "\uFFFD";
/** A character has at most four bytes; more tokens than that are no unfinished character. */
const MAX_HELD_TOKENS = 4;
/** What the library looks at to tell how a text goes on. */
const LOOK_BACK = 3;

/** Makes text of a reply's tokens one by one; characters split over tokens come out whole. */
export class TokenText {
  readonly #model: LlamaModel;
  #before: readonly Token[];
  #held: Token[] = [];

  constructor(model: LlamaModel, prompt: readonly Token[]) {
    this.#model = model;
    this.#before = prompt.slice(-LOOK_BACK);
  }

  push(token: Token): string {
    this.#held.push(token);
    const text = this.#model.detokenize(this.#held, false, this.#before);
    if (text.endsWith(UNFINISHED) && this.#held.length < MAX_HELD_TOKENS) return "";
    this.#before = [...this.#before, ...this.#held].slice(-LOOK_BACK);
    this.#held = [];
    return text;
  }
}
