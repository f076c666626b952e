import fc from "fast-check";
import { expect, it } from "vitest";
import { toUserId } from "../../../src/chat/ids.ts";
import { MAX_FACT_LENGTH } from "../../../src/chat/learning/proposal.ts";
import type { Proposal } from "../../../src/chat/learning/proposal.ts";
import { parseProposalId } from "../../../src/discord/learning/proposal-id.ts";
import {
  isProposalMessage,
  renderProposals,
} from "../../../src/discord/learning/render-proposals.ts";

const person = toUserId("100000000000000011");

function proposal(given: Partial<Proposal> = {}): Proposal {
  return { id: 1, state: "pending", text: "Has cats.", replaces: undefined, ...given };
}

function render(...proposals: readonly Proposal[]) {
  return renderProposals({ person, proposals }, "en");
}

function idsIn({ components }: ReturnType<typeof render>): string[] {
  return components.flatMap((row) =>
    row.components.flatMap((one) => ("custom_id" in one ? one.custom_id : [])),
  );
}

it("asks with two buttons, and shows what would be replaced", () => {
  const rendered = render(proposal({ replaces: "Has no pets." }));
  expect(rendered.content).toMatch(
    /^<@100000000000000011>, shall I remember this about you\?\n• Has cats\.\n-# instead of: Has no pets\./,
  );
  expect(idsIn(rendered)).toEqual(["learning:keep:1", "learning:discard:1"]);
});

it("keeps the words of what is undecided alone", () => {
  const rendered = render(
    proposal({ id: 1, state: "kept", text: undefined }),
    proposal({ id: 2, text: "Has a dog." }),
    proposal({ id: 3, state: "withdrawn", text: undefined }),
  );
  expect(rendered.content).toContain("• Has a dog.");
  expect(rendered.content).toContain("-# ✓ I remember it");
  expect(idsIn(rendered)).toEqual(["learning:keep:2", "learning:discard:2"]);
});

it("has nothing but small print and no buttons once all is decided", () => {
  const states = ["kept", "discarded", "expired"] as const;
  const rendered = render(...states.map((state) => proposal({ state, text: undefined })));
  expect(rendered.components).toEqual([]);
  expect(rendered.content.split("\n").every((line) => line.startsWith("-# "))).toBe(true);
});

it("is known again as a question in every language, and only then", () => {
  for (const language of ["en", "de"] as const) {
    const { content } = renderProposals({ person, proposals: [proposal()] }, language);
    expect(isProposalMessage(content)).toBe(true);
  }
  expect(isProposalMessage("<@1> is here")).toBe(false);
  expect(isProposalMessage("Shall I remember this about you?")).toBe(false);
});

it("three facts with what they replace fit into a message, whatever they are made of", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 600 });
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text), { minLength: 3, maxLength: 3 }), (pairs) => {
      const proposals = pairs.map(([fact, replaces], index) =>
        proposal({ id: index, text: fact.slice(0, MAX_FACT_LENGTH), replaces }),
      );
      const { content } = renderProposals({ person, proposals }, "de");
      expect(content.length).toBeLessThanOrEqual(2_000);
    }),
  );
  const worst = "*".repeat(600);
  const proposals = [1, 2, 3].map((id) =>
    proposal({ id, text: worst.slice(0, MAX_FACT_LENGTH), replaces: worst }),
  );
  expect(renderProposals({ person, proposals }, "de").content.length).toBeLessThanOrEqual(2_000);
});

it("no fact can mention anyone, hide a link, or begin a line of its own", () => {
  const { content } = render(
    proposal({ text: "Is <@1> or @everyone\n# big [here](https://a.example) <#2> **loud** ||x||" }),
  );
  const [, fact = ""] = content.split("\n");
  expect(fact).toBe(
    String.raw`• Is \<@${"\u200B"}1> or @${"\u200B"}everyone # big \[here](https://a.example) \<#2> \*\*loud\*\* \|\|x\|\|`,
  );
});

it("a button's id says all that it means, and no other is one", () => {
  expect(parseProposalId("learning:keep:12")).toEqual({ action: "keep", id: 12 });
  expect(parseProposalId("learning:discard:3")).toEqual({ action: "discard", id: 3 });
  for (const id of ["learning:keep:", "learning:drop:1", "learning:keep:1x", "reply:keep:1"]) {
    expect(parseProposalId(id)).toBeUndefined();
  }
});
