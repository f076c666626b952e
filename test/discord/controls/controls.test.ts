import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { ReplyControls } from "../../../src/chat/reply-surface.ts";
import { parseControlId, toControlId } from "../../../src/discord/controls/control-id.ts";
import { renderControls, renderMenu } from "../../../src/discord/controls/render-controls.ts";

const controls: fc.Arbitrary<ReplyControls> = fc.record({
  kind: fc.constant("ended"),
  replyId: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }).filter((id) => id < 1e15),
  canContinue: fc.boolean(),
  variant: fc
    .tuple(fc.integer({ min: 1, max: 99 }), fc.nat(99))
    .map(([number, more]) => ({ number, count: number + more })),
  isOutdated: fc.boolean(),
});

it("has at most five buttons, whose ids are short and say what they are for", () => {
  fc.assert(
    fc.property(controls, (shown) => {
      const [row, ...more] = renderControls(shown, "de");
      expect(more).toEqual([]);
      expect(row?.components.length).toBeLessThanOrEqual(5);
      const ids = JSON.stringify(row).match(/reply:\w+:\d+/g) ?? [];
      expect(ids).toHaveLength(row?.components.length ?? 0);
      for (const id of ids) {
        expect(id.length).toBeLessThanOrEqual(100);
        const control = parseControlId(id);
        expect(control?.replyId).toBe(shown.kind === "ended" ? shown.replyId : undefined);
        expect(control === undefined ? undefined : toControlId(control)).toBe(id);
      }
    }),
  );
});

it("has a button to stop while a reply runs, none without controls, and three in the menu", () => {
  expect(renderControls({ kind: "running" }, "en")[0]?.components).toMatchObject([
    { custom_id: "reply:stop", label: "■ Stop" },
  ]);
  expect(renderControls(undefined, "en")).toEqual([]);
  expect(renderMenu(3, "en")[0]?.components).toMatchObject([
    { custom_id: "reply:fork:3" },
    { custom_id: "reply:remember:3" },
    { custom_id: "reply:delete:3" },
  ]);
});

it.each(["", "system", "reply", "reply:explode:3", "reply:stop:x", "reply:next:-1", "persona:3"])(
  "takes %j for no control",
  (id) => {
    expect(parseControlId(id)).toBeUndefined();
  },
);
