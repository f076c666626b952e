import type { Engine, PromptMessage } from "../../src/chat/ports.ts";
import { writeMessage } from "./bench-texts.ts";

export interface TalkOptions {
  readonly counter: Pick<Engine, "countTokens">;
  /** No two talks with different names begin alike. */
  readonly name: string;
  readonly messageTokens: number;
  readonly random: () => number;
}

/** A conversation that grows turn by turn; both sides of it are made up. */
export class Talk {
  readonly #options: TalkOptions;
  readonly #system: PromptMessage;
  readonly #turns: PromptMessage[] = [];

  constructor(options: TalkOptions) {
    this.#options = options;
    this.#system = { role: "system", text: `You are Familiar, a friend of ${options.name}.` };
  }

  /** Without the oldest turns, as many as said: the window has moved on. */
  messages(droppedTurns = 0): readonly PromptMessage[] {
    return [this.#system, ...this.#turns.slice(droppedTurns)];
  }

  async hear(): Promise<void> {
    this.#turns.push(await this.#write("user"));
  }

  /** An answer, made up if none is given, and the next question. */
  async goOn(answer?: string): Promise<void> {
    this.#turns.push(
      answer === undefined ? await this.#write("assistant") : { role: "assistant", text: answer },
    );
    await this.hear();
  }

  #write(role: "user" | "assistant"): Promise<PromptMessage> {
    const { counter, messageTokens, random } = this.#options;
    const opening = `${this.#turns.length} it is.`;
    return writeMessage(counter, { role, tokens: messageTokens, opening }, random);
  }
}
