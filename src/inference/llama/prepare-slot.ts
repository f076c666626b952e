import type { Token } from "node-llama-cpp";
import type { RowId } from "../../chat/conversation.ts";
import { countCommonTokens, findDroppedTokens } from "./common-tokens.ts";
import type { DroppedTokens } from "./common-tokens.ts";
import type { SavedState } from "./kept-state.ts";
import { Slot } from "./slot.ts";
import type { StateStore } from "./state-store.ts";

export interface PromptToPrepare {
  readonly conversationId: RowId | undefined;
  /** All that is to be evaluated before the reply's first token is written. */
  readonly tokens: readonly Token[];
  /** The window has just dropped its oldest turns, and the model's cache can be moved up. */
  readonly mayShift: boolean;
}

export interface KeptElsewhere {
  /** All others that nobody writes in. */
  readonly idleSlots: readonly Slot[];
  readonly states: StateStore;
  /** Those whose files may be loaded. */
  readonly checked: ReadonlySet<SavedState>;
}

export type Prepared =
  | { readonly kind: "ready"; readonly reusedTokens: number }
  /** Nothing was done yet: what is wanted is a state that has to be checked, while replies go on. */
  | { readonly kind: "unchecked"; readonly state: SavedState };

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
 */
export async function prepareSlot(
  slot: Slot,
  prompt: PromptToPrepare,
  kept: KeptElsewhere,
): Promise<Prepared> {
  const isOwn = isOwner(slot, prompt);
  const here = makeOffer(slot.tokens, { prompt, isOwn, exactTokens: slot.exactTokens });
  const best = findBest(prompt, kept, here.reused + FEWEST_COPIED_TOKENS);
  if (best !== undefined && !(best.source instanceof Slot) && !kept.checked.has(best.source))
    return { kind: "unchecked", state: best.source };

  if (!isOwn) await kept.states.save(slot);
  const isTaken =
    best !== undefined && (await takeOver(slot, best, { prompt, states: kept.states }));
  // A state that llama.cpp refused has left it empty.
  if (slot.sequence.nextTokenIndex > 0) await apply(slot, isTaken ? best.offer : here);
  slot.conversationId = prompt.conversationId;
  return { kind: "ready", reusedTokens: slot.sequence.nextTokenIndex };
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

interface TakeOver {
  readonly prompt: PromptToPrepare;
  readonly states: StateStore;
}

async function takeOver(
  slot: Slot,
  { source }: Candidate,
  { prompt, states }: TakeOver,
): Promise<boolean> {
  const state = source instanceof Slot ? await states.save(source) : source;
  if (state === undefined || !(await states.load(state, slot))) return false;
  // It has moved: what it leaves behind would be one more place to forget.
  if (source instanceof Slot && isOwner(source, prompt)) await source.clear();
  return true;
}

async function apply(slot: Slot, { dropped, reused }: Offer): Promise<void> {
  if (dropped === undefined) {
    await slot.keep(reused);
    return;
  }
  await slot.keep(dropped.end + dropped.movedTokens);
  await slot.drop(dropped.start, dropped.end);
}
