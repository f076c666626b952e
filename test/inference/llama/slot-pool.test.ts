import type { LlamaContextSequence, Token } from "node-llama-cpp";
import { describe, expect, it } from "vitest";
import { Slot } from "../../../src/inference/llama/slot.ts";
import { SlotPool } from "../../../src/inference/llama/slot-pool.ts";
import type { Tenant } from "../../../src/inference/llama/slot-pool.ts";

/** Slots that hold so many tokens each, or these, or none. */
function openPool(held: readonly (number | readonly number[])[], canMove = true) {
  const slots = held.map((each, index) => {
    const contextTokens = typeof each === "number" ? Array.from({ length: each }, () => 0) : each;
    const sequence = { nextTokenIndex: contextTokens.length, contextTokens };
    return new Slot(() => sequence as unknown as LlamaContextSequence, index + 1);
  });
  return { slots, pool: new SlotPool(slots, { canMove }) };
}

const of = (conversationId: number): Tenant => ({ conversationId, tokens: [] });
const nobody = (...tokens: number[]): Tenant => ({
  conversationId: undefined,
  tokens: tokens as Token[],
});

const { signal } = new AbortController();
const rankOf = async (pool: SlotPool, conversationId: number): Promise<number> =>
  (await pool.lease(of(conversationId), signal)).slot.rank;

describe("a slot is lent", () => {
  it("to the conversation whose tokens it holds", async () => {
    const { pool, slots } = openPool([5, 5, 5]);
    for (const [index, slot] of slots.entries()) slot.conversationId = index;
    expect(await rankOf(pool, 1)).toBe(2);
  });

  it("empty before others' tokens are given up, and else the longest idle", async () => {
    const { pool, slots } = openPool([5, 0, 5]);
    using first = await pool.lease(of(9), signal);
    expect(first.slot.rank).toBe(2);
    const full = openPool([5, 5]);
    for (const [index, slot] of slots.entries()) slot.conversationId = index;
    const lease = await full.pool.lease(of(7), signal);
    lease[Symbol.dispose]();
    expect([lease.slot.rank, await rankOf(full.pool, 8)]).toEqual([1, 2]);
  });

  it("beside those that write, so that one pass serves all", async () => {
    const { pool, slots } = openPool([5, 5, 5, 5, 5, 5]);
    const third = slots[2];
    if (third !== undefined) third.conversationId = 1;
    const ranks = [await rankOf(pool, 1)];
    for (const id of [2, 3, 4]) ranks.push(await rankOf(pool, id));
    const sorted = ranks.toSorted((one, other) => one - other);
    expect(sorted.at(-1)).toBe((sorted[0] ?? 0) + 3);
  });

  it("beside them even to a conversation that holds another, where it can be moved", async () => {
    const far = openPool([5, 5, 5, 5]);
    const last = far.slots[3];
    if (last !== undefined) last.conversationId = 2;
    await rankOf(far.pool, 1);
    expect(await rankOf(far.pool, 2)).toBe(2);

    const fixed = openPool([5, 5, 5, 5], false);
    const lastFixed = fixed.slots[3];
    if (lastFixed !== undefined) lastFixed.conversationId = 2;
    await rankOf(fixed.pool, 1);
    expect(await rankOf(fixed.pool, 2)).toBe(4);
  });

  describe.each([true, false])("to a prompt of nobody's (canMove: %s)", (canMove) => {
    const rankFor = async (pool: SlotPool, tenant: Tenant): Promise<number> => {
      using lease = await pool.lease(tenant, signal);
      return lease.slot.rank;
    };

    it("that goes on with it, before an empty one", async () => {
      const { pool } = openPool([0, [1, 2, 3, 4], [1, 2, 9], 0], canMove);
      expect(await rankFor(pool, nobody(1, 2, 3, 4, 5, 6))).toBe(2);
      expect(await rankFor(pool, nobody(1, 2, 9, 9))).toBe(3);
    });

    it("that begins alike, but not where most of what it holds would be lost", async () => {
      const { pool } = openPool([[1, 2, 3, 4, 5, 6], 0], canMove);
      expect(await rankFor(pool, nobody(1, 2, 9, 9))).toBe(2);
    });

    it("that holds a conversation only when no other is free", async () => {
      const { pool, slots } = openPool([[1, 2, 3], 0], canMove);
      if (slots[0] !== undefined) slots[0].conversationId = 1;
      expect(await rankFor(pool, nobody(1, 2, 3, 4))).toBe(2);
    });
  });

  it("in the order in which it was waited for", async () => {
    const { pool } = openPool([0]);
    const lease = await pool.lease(of(1), signal);
    const order: number[] = [];
    const waits = [2, 3].map(async (id) => {
      using _waited = await pool.lease(of(id), signal);
      order.push(id);
    });
    lease[Symbol.dispose]();
    await Promise.all(waits);
    expect(order).toEqual([2, 3]);
  });

  it("to nobody who has left the queue", async () => {
    const { pool } = openPool([0]);
    const lease = await pool.lease(of(1), signal);
    const leaving = new AbortController();
    const left = pool.lease(of(2), leaving.signal);
    const waits = pool.lease(of(3), signal);
    leaving.abort(new Error("enough"));
    await expect(left).rejects.toThrow("enough");
    lease[Symbol.dispose]();
    expect((await waits).slot.rank).toBe(1);
  });
});
