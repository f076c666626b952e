import type { Token } from "node-llama-cpp";
import type { RowId } from "../../chat/conversation.ts";
import type { Prompt } from "../prompt/prompt-format.ts";
import { canShift } from "./can-shift.ts";
import { countCommonTokens } from "./common-tokens.ts";
import { DecodeLoop } from "./decode-loop.ts";
import type { OpenModel } from "./open-model.ts";
import type { SavedState } from "./kept-state.ts";
import { prepareSlot } from "./prepare-slot.ts";
import type { Prepared } from "./prepare-slot.ts";
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
    const { tokens } = request.prompt;
    using lease = await this.#pool.lease({ conversationId, tokens }, signal);
    const { slot } = lease;
    try {
      const reusedTokens = await this.#prepare(slot, request);
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
      await this.#states.makeRoom(slot, undefined);
      await this.#loop.between(() => this.#saveShared(slot));
    }
    await this.#loop.run(writer);
  }

  /**
   * Drops what is kept of a conversation beyond `remaining`: at once, or as its reply ends. Where
   * nothing remains, what nobody owns goes as well: its system prompt may tell of somebody.
   */
  async forget(conversationId: RowId, remaining: readonly Token[]): Promise<void> {
    const isConcerned = (slot: Slot): boolean =>
      slot.conversationId === conversationId ||
      (slot.conversationId === undefined && remaining.length === 0);
    let deleted: Promise<void> | undefined;
    await this.#loop.between(async () => {
      for (const slot of this.#all.filter(isConcerned)) {
        if (this.#writing.has(slot)) this.#takenBack.set(slot, remaining);
        else await keepOnly(slot, remaining);
      }
      deleted = this.#states.forget(conversationId, remaining);
    });
    await deleted;
  }

  /** No reply may be running. What the slots hold is saved for the next start. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const slot of this.#all) await this.#states.save(slot);
    await this.#states[Symbol.asyncDispose]();
  }

  /** What takes long without the model is done while other replies go on. */
  async #prepare(slot: Slot, request: SlotRequest): Promise<number> {
    const { conversationId } = request;
    if (slot.conversationId === undefined || slot.conversationId !== conversationId)
      await this.#states.makeRoom(slot, slot.conversationId);
    const checked = new Set<SavedState>();
    for (;;) {
      const prepared = await this.#loop.between(() => this.#tryPrepare(slot, request, checked));
      if (prepared.kind === "ready") return prepared.reusedTokens;
      if (await this.#states.check(prepared.state)) checked.add(prepared.state);
    }
  }

  async #tryPrepare(
    slot: Slot,
    request: SlotRequest,
    checked: ReadonlySet<SavedState>,
  ): Promise<Prepared> {
    const { conversationId, isTrimmed, prompt } = request;
    request.signal.throwIfAborted();
    const tokens = prompt.tokens.slice(0, -1);
    const wanted = { conversationId, tokens, mayShift: isTrimmed && this.#canShift };
    // One that was lent and is not yet prepared still holds what somebody may come back for.
    const idleSlots = this.#all.filter((each) => each !== slot && !this.#writing.has(each));
    const kept = { idleSlots, states: this.#states, checked };
    const prepared = await prepareSlot(slot, wanted, kept);
    if (prepared.kind === "unchecked") return prepared;
    this.#writing.add(slot);
    this.#states.noteUser(conversationId, prompt.tokens);
    return prepared;
  }

  /** Not where its conversation has been forgotten while it was read. */
  async #saveShared(slot: Slot): Promise<void> {
    if (!this.#takenBack.has(slot)) await this.#states.saveShared(slot);
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
