import type { Notice } from "../../chat/reply/notice.ts";
import { toNoticeText } from "./notices.ts";
import type { Text } from "./text.ts";

/** What `/ask` says. */
export const askTexts = {
  ask: {
    en: "Ask me something, anywhere; I remember neither the question nor the answer",
    de: "Frag mich etwas, überall; ich merke mir weder Frage noch Antwort",
  },
  message: { en: "What you ask", de: "Was du fragst" },
  private: { en: "Only you see the answer", de: "Nur du siehst die Antwort" },
  nothingAsked: { en: "There is no question in that.", de: "Darin steht keine Frage." },
  late: {
    en: "✂ Cut: Discord gives me 15 minutes for the answer to a command.",
    de: "✂ Abgeschnitten: Discord gibt mir 15 Minuten für die Antwort auf einen Befehl.",
  },
} as const;

/** There is no going on with an answer that nobody remembers. */
const NOTICES: Partial<Record<Notice["kind"], Text>> = {
  parts: toCutText({
    en: "at what Discord has room for here",
    de: ", wo Discord hier keinen Platz mehr hat",
  }),
  context: toCutText({
    en: "where the model's context is full",
    de: ", wo der Kontext des Modells voll ist",
  }),
  repetition: {
    en: "✂ Stopped: I was repeating myself. Ask another way.",
    de: "✂ Gestoppt: Ich habe mich wiederholt. Frag anders.",
  },
  "other-speaker": {
    en: "✂ Stopped where I began to speak for you.",
    de: "✂ Gestoppt, wo ich anfing, für dich zu sprechen.",
  },
};

export function toAskNoticeText(notice: Notice): Text {
  if (notice.kind !== "length") return NOTICES[notice.kind] ?? toNoticeText(notice);
  const { maxReplyTokens } = notice;
  return toCutText({ en: `at ${maxReplyTokens} tokens`, de: ` bei ${maxReplyTokens} Tokens` });
}

function toCutText(where: Text): Text {
  return {
    en: `✂ Cut ${where.en}. For more, talk with me in direct messages or with \`/chat\`.`,
    de: `✂ Abgeschnitten${where.de}. Für mehr sprich mit mir in Direktnachrichten oder mit \`/chat\`.`,
  };
}
