import { EmbedBuilder, escapeMarkdown } from "discord.js";
import type { Held } from "../../chat/privacy/privacy-store.ts";
import { consentTexts } from "../texts/learning.ts";
import { privacyTexts as texts, toAmounts } from "../texts/privacy.ts";
import type { Language } from "../texts/text.ts";

/** So that an embed, which holds 6,000 characters, has room for each in full. */
const MAX_SERVERS = 10;

interface Shown {
  readonly isLearning: boolean;
  readonly isOut: boolean;
  readonly language: Language;
  /** Of a server; undefined where Familiar is no longer in it. */
  readonly nameOf: (guildId: string) => string | undefined;
}

/** What there is of a person, server by server, in numbers. */
export function renderHeld(held: readonly Held[], { isLearning, isOut, language, nameOf }: Shown) {
  const stored = (isOut ? texts.optedOut : texts.optedIn)[language];
  const state = isLearning ? `${stored}\n${consentTexts.shownOn[language]}` : stored;
  const description = held.length === 0 ? `${texts.nothing[language]}\n${state}` : state;
  const more = held.length - MAX_SERVERS;
  const embed = new EmbedBuilder()
    .setTitle(texts.title[language])
    .setDescription(more > 0 ? `${description}\n${texts.moreServers(more)[language]}` : description)
    .addFields(
      held.slice(0, MAX_SERVERS).map((one) => ({
        name: escapeMarkdown(toName(one, { language, nameOf })),
        value: toLines(one, language),
      })),
    );
  return { embeds: [embed] };
}

export function toName(
  { guildId }: Pick<Held, "guildId">,
  { language, nameOf }: Pick<Shown, "language" | "nameOf">,
): string {
  if (guildId === undefined) return texts.direct[language];
  return nameOf(guildId) ?? texts.unknownServer(guildId)[language];
}

export function toLines(held: Held, language: Language): string {
  return toAmounts(held)
    .map((amount) => `- ${amount[language]}`)
    .join("\n");
}
