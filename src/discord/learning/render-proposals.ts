import { ActionRowBuilder, ButtonBuilder, ButtonStyle, escapeMarkdown } from "discord.js";
import type { APIActionRowComponent, APIComponentInMessageActionRow } from "discord.js";
import type { Proposal, ProposalMessage } from "../../chat/learning/proposal.ts";
import { learningTexts as texts } from "../texts/learning.ts";
import type { Language } from "../texts/text.ts";
import { toProposalId } from "./proposal-id.ts";
import type { ProposalAction } from "./proposal-id.ts";

/** Of a note that would be replaced: enough to know it again, and three fit into a message. */
const MAX_REPLACED_LENGTH = 100;

interface RenderedProposals {
  readonly content: string;
  readonly components: readonly APIActionRowComponent<APIComponentInMessageActionRow>[];
}

/**
 * What a person is asked, and what has become of it. The words of what is decided are gone; where
 * all is, there is nothing but small print, which is not taken for words of Familiar's later.
 */
export function renderProposals(
  { person, proposals }: ProposalMessage,
  language: Language,
): RenderedProposals {
  const pending = proposals.filter(({ state }) => state === "pending");
  const isOne = pending.length === 1;
  const decided = proposals.filter(isDecided);
  const lines = decided.map(({ state }) => `-# ${texts[state][language]}`);
  if (pending.length === 0) return { content: lines.join("\n"), components: [] };
  const asked = pending.flatMap((proposal, index) => {
    const number = isOne ? "•" : `**${index + 1}**`;
    return toLines(proposal, number, language);
  });
  const question = texts.ask(`<@${person}>`)[language];
  return {
    content: [question, ...asked, ...lines, `-# ${texts.promise[language]}`].join("\n"),
    components: pending.map(({ id }, index) => {
      const suffix = isOne ? "" : ` ${index + 1}`;
      const button = (action: ProposalAction, style: ButtonStyle): ButtonBuilder =>
        new ButtonBuilder()
          .setCustomId(toProposalId({ action, id }))
          .setLabel(`${texts[action][language]}${suffix}`)
          .setStyle(style);
      return new ActionRowBuilder<ButtonBuilder>()
        .addComponents(
          button("keep", ButtonStyle.Success),
          button("discard", ButtonStyle.Secondary),
        )
        .toJSON();
    }),
  };
}

/** Whether a message of Familiar's asks so: those are not its words in a conversation. */
export function isProposalMessage(content: string): boolean {
  const who = /^<@\d+>/.exec(content)?.[0];
  if (who === undefined) return false;
  const { de, en } = texts.ask(who);
  return content.startsWith(`${en}\n`) || content.startsWith(`${de}\n`);
}

function isDecided(
  proposal: Proposal,
): proposal is Proposal & { readonly state: "discarded" | "expired" | "kept" } {
  return proposal.state !== "pending" && proposal.state !== "withdrawn";
}

function toLines({ replaces, text = "" }: Proposal, number: string, language: Language): string[] {
  const fact = `${number} ${toPlainText(text)}`;
  if (replaces === undefined) return [fact];
  const line = replaces.replaceAll(/\s+/gu, " ");
  const cut = line.slice(0, MAX_REPLACED_LENGTH - 1).replace(/[\uD800-\uDBFF]$/u, "");
  const shown = line.length <= MAX_REPLACED_LENGTH ? line : `${cut}…`;
  return [fact, `-# ${texts.instead(toPlainText(shown))[language]}`];
}

/** No markup, no mention, no link with other words, nor a line of its own. */
function toPlainText(text: string): string {
  const line = text.replaceAll(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim();
  const escaped = escapeMarkdown(line, {
    bulletedList: true,
    heading: true,
    maskedLink: true,
    numberedList: true,
  });
  return escaped.replaceAll(/[<@]/gu, (sign) => (sign === "<" ? String.raw`\<` : "@\u200B"));
}
