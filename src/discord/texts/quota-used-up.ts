import type { QuotaUsedUp } from "../../chat/reply/apology.ts";
import type { Text } from "./text.ts";

/** Discord shows the moment as everyone's own time, and the person by name; nobody is notified. */
export function toQuotaUsedUpText({
  freeAt,
  person,
}: Pick<QuotaUsedUp, "freeAt"> & Partial<Pick<QuotaUsedUp, "person">>): Text {
  const when = `<t:${Math.ceil(freeAt.getTime() / 1_000)}:R>`;
  if (person === undefined) {
    return {
      en: `You have used up your quota on this server: I answer you again ${when}.`,
      de: `Dein Kontingent auf diesem Server ist aufgebraucht: Ich antworte dir wieder ${when}.`,
    };
  }
  return {
    en: `⏳ <@${person}>, you have used up your quota on this server: I answer you again ${when}.`,
    de: `⏳ <@${person}>, dein Kontingent auf diesem Server ist aufgebraucht: Ich antworte dir wieder ${when}.`,
  };
}
