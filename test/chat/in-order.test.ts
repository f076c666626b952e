import { array, assert, asyncProperty, constantFrom, record, scheduler } from "fast-check";
import { expect, it } from "vitest";
import { InOrder } from "../../src/chat/in-order.ts";

it("finishes each task of a key before the next one of that key begins", async () => {
  const tasks = array(record({ key: constantFrom("a", "b", "c") }), { maxLength: 20 });
  await assert(
    asyncProperty(tasks, scheduler(), async (given, schedule) => {
      const inOrder = new InOrder<string>();
      const log = new Map<string, string[]>();
      const done = given.map(({ key }, index) =>
        inOrder.run(key, async () => {
          const lines = log.get(key) ?? [];
          log.set(key, [...lines, `begin ${index}`]);
          await schedule.schedule(Promise.resolve());
          log.set(key, [...(log.get(key) ?? []), `end ${index}`]);
        }),
      );
      await schedule.waitFor(Promise.all(done));
      for (const key of log.keys()) {
        const indexes = given.flatMap((task, index) => (task.key === key ? [index] : []));
        expect(log.get(key)).toEqual(
          indexes.flatMap((index) => [`begin ${index}`, `end ${index}`]),
        );
      }
    }),
  );
});

it("lets one key's task run while another key's has not ended", async () => {
  const inOrder = new InOrder<string>();
  let release: (() => void) | undefined;
  const held = inOrder.run("a", () => new Promise<void>((resolve) => (release = resolve)));
  expect(await inOrder.run("b", async () => "b")).toBe("b");
  release?.();
  await held;
});

it("hands a task's failure to whoever asked for it, and goes on with the next", async () => {
  const inOrder = new InOrder<string>();
  const failed = inOrder.run("a", () => Promise.reject(new Error("no")));
  const next = inOrder.run("a", async () => "yes");
  await expect(failed).rejects.toThrow("no");
  expect(await next).toBe("yes");
});
