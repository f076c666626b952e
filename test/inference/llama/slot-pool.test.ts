import { describe, expect, it } from "vitest";
import { SlotPool } from "../../../src/inference/llama/slot-pool.ts";

const never = new AbortController().signal;

async function borrow(pool: SlotPool<string>, borrower: number): Promise<string> {
  using lease = await pool.lease(borrower, never);
  return lease.resource;
}

describe("SlotPool", () => {
  it("gives a borrower what it had before, and others what has been idle for longest", async () => {
    const pool = new SlotPool(["a", "b", "c"]);
    expect(await borrow(pool, 1)).toBe("a");
    expect(await borrow(pool, 2)).toBe("b");
    expect(await borrow(pool, 1)).toBe("a");
    expect(await borrow(pool, 3)).toBe("c");
    expect(await borrow(pool, 4)).toBe("b");
    expect(await borrow(pool, 1)).toBe("a");
  });

  it("lends each resource to one borrower at a time", async () => {
    const pool = new SlotPool(["a", "b"]);
    using one = await pool.lease(1, never);
    using other = await pool.lease(1, never);
    expect([one.resource, other.resource]).toEqual(["a", "b"]);
  });

  it("takes a resource back when the borrower's block throws", async () => {
    const pool = new SlotPool(["a"]);
    const fail = async (): Promise<void> => {
      using lease = await pool.lease(1, never);
      throw new Error(`failed with ${lease.resource}`);
    };
    await expect(fail()).rejects.toThrow("failed with a");
    expect(await borrow(pool, 2)).toBe("a");
  });

  it("serves waiters in order and forgets one whose signal is aborted", async () => {
    const pool = new SlotPool(["a"]);
    const impatient = new AbortController();
    const order: number[] = [];
    const waitAs = async (borrower: number, signal = never): Promise<void> => {
      using _lease = await pool.lease(borrower, signal);
      order.push(borrower);
    };
    let waiting: Promise<void>[];
    {
      using _first = await pool.lease(1, never);
      const second = waitAs(2, impatient.signal);
      waiting = [waitAs(3), waitAs(1)];
      impatient.abort(new Error("gave up"));
      await expect(second).rejects.toThrow("gave up");
    }
    await Promise.all(waiting);
    expect(order).toEqual([3, 1]);
  });
});
