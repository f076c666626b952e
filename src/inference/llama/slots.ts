import type { Token } from "node-llama-cpp";
import type { RowId } from "../../chat/conversation.ts";
import type { Prompt } from "../prompt/prompt-format.ts";
import { canShift } from "./can-shift.ts";
import { countCommonTokens } from "./common-tokens.ts";
import { DecodeLoop } from "./decode-loop.ts";
import type { OpenModel } from "./open-model.ts";
import { prepareSlot } from "./prepare-slot.ts";
import { PrefixReader } from "./reply-writer.ts";
import type { ReplyWriter } from "./reply-writer.ts";
import type { Slot } from "./slot.ts";
import { SlotPool } from "./slot-pool.ts";
import type { StateStore } from "./state-store.ts";

export interface SlotsSettings {
  readonly states: StateStore;
  readonly promptTokensPerStep: number;
}

export interface SlotRequest {
  readonly conversationId: RowId | undefined;
  readonly prompt: Prompt;
  readonly isTrimmed: boolean;
  /** When it ends, the slot keeps the system prompt alone. */
  readonly keepsNothing?: boolean;
  readonly signal: AbortSignal;
}

/** A system prompt as long as this is worth keeping for other conversations that begin with it. */
const SHARED_TOKENS = 128;

/** All slots of a context, the states of those who have none, and the loop that they write in. */
export class Slots implements AsyncDisposable {
  readonly #pool: SlotPool;
  readonly #loop: DecodeLoop;
  readonly #states: StateStore;
  readonly #canShift: boolean;
  readonly #writing = new Set<Slot>();
  /** What remains of slots after something was taken back while a reply was being written. */
  readonly #takenBack = new Map<Slot, readonly Token[]>();
  readonly #all: readonly Slot[];

  constructor(
    { batchTokens, model, slots }: OpenModel,
    { promptTokensPerStep, states }: SlotsSettings,
  ) {
    this.#all = slots;
    this.#pool = new SlotPool(slots, { canMove: states.isOpen });
    this.#loop = new DecodeLoop({ batchTokens, promptTokensPerStep });
    this.#states = states;
    this.#canShift = canShift(model);
  }

  /**
   * Waits for a slot, brings it as near to the prompt as anything kept allows, and lends it to
   * `work`, which is told how many tokens need not be evaluated. A slot whose work failed is empty.
   *
   * @throws the signal's reason once it is aborted
   */
  async use(
    request: SlotRequest,
    work: (slot: Slot, reusedTokens: number) => Promise<void>,
  ): Promise<void> {
    const { conversationId, signal } = request;
    using lease = await this.#pool.lease(conversationId, signal);
    const { slot } = lease;
    try {
      const reusedTokens = await this.#loop.between(() => this.#prepare(slot, request));
      await work(slot, reusedTokens);
    } catch (error) {
      if (!signal.aborted) await this.#loop.between(() => slot.clear()).catch(() => undefined);
      throw error;
    } finally {
      await this.#loop.between(() => this.#finish(slot, request));
    }
  }

  /** Runs a reply to its end. A long system prompt that had to be evaluated is kept for others. */
  async run(writer: ReplyWriter, slot: Slot, { systemTokens }: Prompt): Promise<void> {
    if (slot.sequence.nextTokenIndex < systemTokens && systemTokens >= SHARED_TOKENS) {
      await this.#loop.run(new PrefixReader(writer, slot, systemTokens));
      await this.#loop.between(() => this.#states.save(slot, undefined));
    }
    await this.#loop.run(writer);
  }

  /** Drops what is kept of a conversation beyond `remaining`: at once, or as its reply ends. */
  async forget(conversationId: RowId, remaining: readonly Token[]): Promise<void> {
    await this.#loop.between(async () => {
      for (const slot of this.#pool.holding(conversationId)) {
        if (this.#writing.has(slot)) this.#takenBack.set(slot, remaining);
        else await keepOnly(slot, remaining);
      }
      await this.#states.forget(conversationId, remaining);
    });
  }

  /** No reply may be running. What the slots hold is saved for the next start. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const slot of this.#all) await this.#states.save(slot);
    await this.#states[Symbol.asyncDispose]();
  }

  async #prepare(slot: Slot, request: SlotRequest): Promise<number> {
    const { conversationId, isTrimmed, prompt } = request;
    request.signal.throwIfAborted();
    const tokens = prompt.tokens.slice(0, -1);
    const wanted = { conversationId, tokens, mayShift: isTrimmed && this.#canShift };
    const kept = { idleSlots: this.#pool.idle, states: this.#states };
    const reusedTokens = await prepareSlot(slot, wanted, kept);
    this.#writing.add(slot);
    return reusedTokens;
  }

  async #finish(slot: Slot, { keepsNothing, prompt }: SlotRequest): Promise<void> {
    const isItsOwn = this.#writing.delete(slot);
    if (isItsOwn && keepsNothing === true)
      await keepOnly(slot, prompt.tokens.slice(0, prompt.systemTokens));
    const remaining = this.#takenBack.get(slot);
    this.#takenBack.delete(slot);
    if (remaining !== undefined) await keepOnly(slot, remaining);
  }
}

/** Tokens that were moved up go as well: they were evaluated in view of what is not there to see. */
async function keepOnly(slot: Slot, tokens: readonly Token[]): Promise<void> {
  await slot.keep(Math.min(countCommonTokens(slot.tokens, tokens), slot.exactTokens));
}
