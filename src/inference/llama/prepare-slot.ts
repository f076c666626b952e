import type { Token } from "node-llama-cpp";
import type { RowId } from "../../chat/conversation.ts";
import { countCommonTokens, findDroppedTokens } from "./common-tokens.ts";
import type { DroppedTokens } from "./common-tokens.ts";
import { Slot } from "./slot.ts";
import type { SavedState, StateStore } from "./state-store.ts";

export interface PromptToPrepare {
  readonly conversationId: RowId | undefined;
  /** All that is to be evaluated before the reply's first token is written. */
  readonly tokens: readonly Token[];
  /** The window has just dropped its oldest turns, and the model's cache can be moved up. */
  readonly mayShift: boolean;
}

export interface KeptElsewhere {
  readonly idleSlots: readonly Slot[];
  readonly states: StateStore;
}

/** A copy that saves fewer tokens than this takes as long as evaluating them. */
const FEWEST_COPIED_TOKENS = 64;

/** What a slot or a saved state has to offer for a prompt. */
interface Offer {
  readonly reused: number;
  readonly dropped: DroppedTokens | undefined;
}

/**
 * Brings a slot as near to a prompt as anything that is kept allows: its own tokens, a state saved
 * earlier, or the beginning that another conversation shares. What the slot held for someone else
 * is saved first. May only be called between two steps of the decode loop.
 *
 * @returns how many of the prompt's tokens need not be evaluated
 */
export async function prepareSlot(
  slot: Slot,
  prompt: PromptToPrepare,
  { idleSlots, states }: KeptElsewhere,
): Promise<number> {
  const isOwn = isOwner(slot, prompt);
  const here = makeOffer(slot.tokens, { prompt, isOwn, exactTokens: slot.exactTokens });
  const best = findBest(prompt, { idleSlots, states }, here.reused + FEWEST_COPIED_TOKENS);

  if (!isOwn) await states.save(slot);
  const isTaken = best !== undefined && (await takeOver(slot, best, states));
  await apply(slot, isTaken ? best.offer : here);
  // It has moved: what it leaves behind would be one more place to forget.
  if (isTaken && best.source instanceof Slot && isOwner(best.source, prompt))
    await best.source.clear();
  slot.conversationId = prompt.conversationId;
  return slot.sequence.nextTokenIndex;
}

interface Candidate {
  readonly source: Slot | SavedState;
  readonly offer: Offer;
}

function findBest(
  prompt: PromptToPrepare,
  { idleSlots, states }: KeptElsewhere,
  least: number,
): Candidate | undefined {
  let best: Candidate | undefined;
  for (const source of [...states.list(), ...idleSlots]) {
    const { exactTokens, tokens } = source;
    const offer = makeOffer(tokens, { prompt, isOwn: isOwner(source, prompt), exactTokens });
    if (offer.reused >= (best === undefined ? least : best.offer.reused + 1))
      best = { source, offer };
  }
  return best;
}

interface OfferTerms {
  readonly prompt: PromptToPrepare;
  readonly isOwn: boolean;
  readonly exactTokens: number;
}

/** Only its own conversation may go on with tokens that were moved up: others could hear echoes. */
function makeOffer(held: ArrayLike<number>, { prompt, isOwn, exactTokens }: OfferTerms): Offer {
  const dropped = isOwn && prompt.mayShift ? findDroppedTokens(held, prompt.tokens) : undefined;
  if (dropped !== undefined) return { reused: dropped.start + dropped.movedTokens, dropped };
  const common = countCommonTokens(held, prompt.tokens);
  return { reused: isOwn ? common : Math.min(common, exactTokens), dropped: undefined };
}

function isOwner(
  { conversationId }: Pick<Slot, "conversationId">,
  prompt: PromptToPrepare,
): boolean {
  return conversationId !== undefined && conversationId === prompt.conversationId;
}

/** False where the state is gone or damaged, which leaves the slot empty. */
async function takeOver(slot: Slot, { source }: Candidate, states: StateStore): Promise<boolean> {
  const state = source instanceof Slot ? await states.save(source) : source;
  return state !== undefined && (await states.load(state, slot));
}

async function apply(slot: Slot, { dropped, reused }: Offer): Promise<void> {
  if (dropped === undefined) {
    await slot.keep(reused);
    return;
  }
  await slot.keep(dropped.end + dropped.movedTokens);
  await slot.drop(dropped.start, dropped.end);
}
