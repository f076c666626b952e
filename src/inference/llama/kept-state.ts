import { randomBytes } from "node:crypto";
import type { RowId } from "../../chat/conversation.ts";
import { countCommonTokens } from "./common-tokens.ts";
import type { Slot } from "./slot.ts";

/** What a slot held when it had to give way. */
export interface SavedState {
  /** Undefined: it is for all who begin alike. */
  readonly conversationId: RowId | undefined;
  readonly tokens: ArrayLike<number>;
  /** See {@link Slot.exactTokens}. */
  readonly exactTokens: number;
}

/** A saved state and its file. */
export interface KeptState extends SavedState {
  readonly id: string;
  readonly tokens: Uint32Array;
  /** Of one that is for all: the conversations that it came from, or whose prompts begin with it. */
  readonly users: Set<RowId>;
  /** Milliseconds since 1970. */
  usedAt: number;
  /** Expected, until it is written. */
  bytes: number;
  isInMemory: boolean;
  /** Undefined while its file may still change its place. */
  checksum: number | undefined;
  /** Whether the file beside it on the disk says all that is known of it. */
  isRecorded: boolean;
  /** Whether its file is this process's own, or was checked by it. */
  isTrusted: boolean;
  /** While its file is being read. */
  reading: Promise<unknown> | undefined;
}

export function describeSlot(
  slot: Slot,
  { bytes, conversationId }: Pick<KeptState, "bytes" | "conversationId">,
): KeptState {
  const tokens = Uint32Array.from(slot.tokens);
  return {
    id: randomBytes(16).toString("hex"),
    conversationId,
    tokens,
    exactTokens: slot.exactTokens >= tokens.length ? Infinity : slot.exactTokens,
    users: new Set(),
    usedAt: Date.now(),
    bytes,
    isInMemory: false,
    checksum: undefined,
    isRecorded: false,
    isTrusted: true,
    reading: undefined,
  };
}

export function isSame(one: ArrayLike<number>, other: ArrayLike<number>): boolean {
  return one.length === other.length && countCommonTokens(one, other) === one.length;
}

export function isBeginning(tokens: ArrayLike<number>, prompt: ArrayLike<number>): boolean {
  return countCommonTokens(tokens, prompt) === tokens.length;
}

/**
 * Whether a state may outlive that a conversation forgets all but `remaining`. One that is for all
 * has no words but those of a system prompt, and these may be about somebody: it goes with any of
 * its users, and where it has none, nobody knows whose words they are.
 */
export function isUntouched(
  { conversationId, exactTokens, tokens, users }: KeptState,
  forgetful: RowId,
  remaining: ArrayLike<number>,
): boolean {
  const remains = isBeginning(tokens, remaining);
  if (conversationId === forgetful) return remains && exactTokens === Infinity;
  if (conversationId !== undefined) return true;
  const isConcerned = users.has(forgetful) || (users.size === 0 && remaining.length === 0);
  return remains || !isConcerned;
}
