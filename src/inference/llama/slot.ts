import type { EvaluationPriority, LlamaContextSequence, Token } from "node-llama-cpp";
import type { RowId } from "../../chat/conversation.ts";

/**
 * The part of a context that one conversation writes in, with the tokens that are evaluated in it.
 * Whatever changes them may only be called between two steps of the decode loop.
 */
export class Slot {
  /** Its place among the slots, from 1: neighbours in a batch must be neighbours here. */
  readonly rank: number;
  /** Whose tokens it holds; undefined: nobody's who would come back for them. */
  conversationId: RowId | undefined;
  /**
   * So many tokens at the beginning were evaluated in view of exactly what stands before them. The
   * others were moved up when turns before them left the window.
   */
  exactTokens = Infinity;
  readonly #openSequence: () => LlamaContextSequence;
  #sequence: LlamaContextSequence;

  /** @param openSequence gives the one sequence of the context that nobody else has */
  constructor(openSequence: () => LlamaContextSequence, rank: number) {
    this.#openSequence = openSequence;
    this.#sequence = openSequence();
    this.rank = rank;
  }

  /** Not to be held on to: another one after {@link clear}. */
  get sequence(): LlamaContextSequence {
    return this.#sequence;
  }

  get tokens(): readonly Token[] {
    return this.#sequence.contextTokens;
  }

  get priority(): EvaluationPriority {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only our own strategy reads it
    return this.rank as EvaluationPriority;
  }

  /** Keeps the first tokens. Models that cannot take back single tokens may keep fewer. */
  async keep(tokens: number): Promise<void> {
    await this.#sequence.adaptStateToTokens(this.tokens.slice(0, tokens), false);
    if (this.#sequence.nextTokenIndex <= this.exactTokens) this.exactTokens = Infinity;
  }

  /** Takes a stretch out, and moves up what follows without evaluating it again. */
  async drop(start: number, end: number): Promise<void> {
    await this.#sequence.eraseContextTokenRanges([{ start, end }]);
    this.exactTokens = Math.min(this.exactTokens, start);
  }

  /**
   * Empties it in llama.cpp, whatever the library believes that it holds: after a load or a decode
   * that failed, that is nothing, and erasing what is nothing does nothing. Checkpoints, which a load
   * leaves as they are, go as well.
   */
  async clear(): Promise<void> {
    this.conversationId = undefined;
    this.exactTokens = Infinity;
    await this.#sequence.dispose();
    this.#sequence = this.#openSequence();
  }
}
