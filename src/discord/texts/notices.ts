import type { Apology, Failure } from "../../chat/reply/apology.ts";
import type { Notice, Waiting } from "../../chat/reply/notice.ts";
import { toProblemText } from "./problems.ts";
import { toQuotaUsedUpText } from "./quota-used-up.ts";
import type { Text } from "./text.ts";

/** Stands in the place of a reply that has no text yet. */
export function toWaitingText(waiting: Waiting): Text {
  switch (waiting.kind) {
    case "queued":
      return toPlaceText(waiting.place);
    case "turn":
      return {
        en: "⏳ It is your turn: I am reading.",
        de: "⏳ Du bist dran: Ich lese gerade.",
      };
    case "again":
      return { en: "↻ Once more…", de: "↻ Noch einmal …" };
    case "thinking":
      return { en: "💭 Thinking…", de: "💭 Ich denke nach …" };
    default:
      return waiting satisfies never;
  }
}

function toPlaceText(place: number): Text {
  if (place === 1) {
    return {
      en: "⏳ You are next in the queue.",
      de: "⏳ Du bist als Nächstes an der Reihe.",
    };
  }
  return {
    en: `⏳ You are number ${place} in the queue.`,
    de: `⏳ Du bist Nummer ${place} in der Warteschlange.`,
  };
}

/** Above what the model thought before it wrote. */
export const thoughtsHeading = { en: "💭 Thoughts", de: "💭 Gedanken" } as const;

type NoticeOf<Kind extends Notice["kind"]> = Extract<Notice, { readonly kind: Kind }>;
type PlainKind = Exclude<
  Notice["kind"],
  GoingOnKind | "length" | "parts" | "queue-full" | "refused" | "timeout"
>;
type GoingOnKind = "context" | "other-speaker" | "repetition";

const PLAIN: Readonly<Record<PlainKind, Text>> = {
  aborted: { en: "■ Stopped.", de: "■ Gestoppt." },
  empty: {
    en: "The model had nothing to say. Ask again or put it another way.",
    de: "Das Modell hatte nichts zu sagen. Frag noch einmal oder anders.",
  },
  failed: {
    en: "⚠ Something went wrong while I was writing this. Please try again.",
    de: "⚠ Beim Schreiben ist etwas schiefgegangen. Bitte versuch es noch einmal.",
  },
  interrupted: {
    en: "⚠ Interrupted: I was restarted in the middle of this reply.",
    de: "⚠ Unterbrochen: Ich wurde mitten in dieser Antwort neu gestartet.",
  },
};

/** Each with how to have the reply go on. */
const GOING_ON: Readonly<Record<GoingOnKind, (how: Text) => Text>> = {
  context: (how) => ({
    en: `✂ Cut: the model's context is full. ${how.en} and I will, without the oldest messages.`,
    de: `✂ Abgeschnitten: Der Kontext des Modells ist voll. ${how.de}, und ich fahre fort, ohne die ältesten Nachrichten.`,
  }),
  "other-speaker": (how) => ({
    en: `✂ Stopped where I began to speak for someone else. ${how.en}, or speak for yourself.`,
    de: `✂ Gestoppt, wo ich anfing, für jemand anderen zu sprechen. ${how.de}, oder sprich selbst.`,
  }),
  repetition: (how) => ({
    en: `✂ Stopped: I was repeating myself. ${how.en}, or ask another way.`,
    de: `✂ Gestoppt: Ich habe mich wiederholt. ${how.de}, oder frag anders.`,
  }),
};

const SAY = { en: "Say “go on”", de: "Sag „weiter“" } as const;
const PRESS_OR_SAY = {
  en: "Press Continue or say “go on”",
  de: "Drück auf Weiter oder sag „weiter“",
} as const;

const QUEUE_FULL: Readonly<Record<NoticeOf<"queue-full">["of"], Text>> = {
  everyone: {
    en: "⏳ Too many people are waiting for me right now: please try again in a few minutes.",
    de: "⏳ Gerade warten zu viele Leute auf mich: Bitte versuch es in ein paar Minuten noch einmal.",
  },
  person: {
    en: "⏳ You already have as many messages waiting for me as one person may: please wait for an answer first.",
    de: "⏳ Von dir warten schon so viele Nachrichten auf mich, wie eine Person haben darf: Bitte warte erst auf eine Antwort.",
  },
};

/**
 * Stands in small print under a reply.
 *
 * @param hasContinue whether the button that has the reply go on is below
 */
export function toNoticeText(notice: Notice, hasContinue = false): Text {
  if (notice.kind === "timeout") return toTimeoutText(notice.seconds);
  if (notice.kind === "queue-full") return QUEUE_FULL[notice.of];
  if (notice.kind === "refused") {
    const { de, en } = toProblemText(notice.problem);
    return { en: `⚠ ${en}`, de: `⚠ ${de}` };
  }
  const how = hasContinue ? PRESS_OR_SAY : SAY;
  if (notice.kind === "length") return toCutText(toTokensText(notice.maxReplyTokens), how);
  if (notice.kind === "parts") return toCutText(toMessagesText(notice.maxReplyParts), how);
  return isGoingOn(notice.kind) ? GOING_ON[notice.kind](how) : PLAIN[notice.kind];
}

function isGoingOn(kind: GoingOnKind | PlainKind): kind is GoingOnKind {
  return Object.hasOwn(GOING_ON, kind);
}

function toTokensText(count: number): Text {
  return { en: `${count} tokens`, de: `${count} Tokens` };
}

function toMessagesText(count: number): Text {
  return count === 1
    ? { en: "1 message", de: "einer Nachricht" }
    : { en: `${count} messages`, de: `${count} Nachrichten` };
}

function toCutText(limit: Text, how: Text): Text {
  return {
    en: `✂ Cut at ${limit.en}, the limit for one reply. ${how.en} and I will.`,
    de: `✂ Abgeschnitten bei ${limit.de}, der Grenze für eine Antwort. ${how.de}, und ich fahre fort.`,
  };
}

function toTimeoutText(seconds: number): Text {
  const time =
    seconds === 1
      ? { en: "1 second", de: "eine Sekunde" }
      : { en: `${seconds} seconds`, de: `${seconds} Sekunden` };
  return {
    en: `⚠ Stopped: the model gave no sign of life for ${time.en}. Please try again.`,
    de: `⚠ Gestoppt: Das Modell gab ${time.de} lang kein Lebenszeichen. Bitte versuch es noch einmal.`,
  };
}

const APOLOGIES: Readonly<Record<Failure, Text>> = {
  "engine-failed": {
    en: "⚠ My model failed on that. Please try again; my owner's log says why.",
    de: "⚠ Mein Modell ist daran gescheitert. Bitte versuch es noch einmal; das Protokoll meines Betreibers sagt, warum.",
  },
  "store-failed": {
    en: "⚠ My database refused that, so I could not take it in. My owner's log says why.",
    de: "⚠ Meine Datenbank hat das abgelehnt, darum konnte ich es nicht aufnehmen. Das Protokoll meines Betreibers sagt, warum.",
  },
  "store-unreachable": {
    en: "⚠ My database is away, so I could not take that in. Please say it again in a minute.",
    de: "⚠ Meine Datenbank ist nicht erreichbar, darum konnte ich das nicht aufnehmen. Bitte sag es in einer Minute noch einmal.",
  },
  unexpected: {
    en: "⚠ Something went wrong on my side. Please try again; my owner's log says why.",
    de: "⚠ Bei mir ist etwas schiefgegangen. Bitte versuch es noch einmal; das Protokoll meines Betreibers sagt, warum.",
  },
};

/** For the people of a place in which a turn failed. Quotes nobody. */
export function toApologyText(apology: Apology): Text {
  return typeof apology === "string" ? APOLOGIES[apology] : toQuotaUsedUpText(apology);
}
