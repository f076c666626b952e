import { expect, it } from "vitest";
import type { Notice } from "../../../src/chat/reply/notice.ts";
import { toApologyText, toNoticeText, toWaitingText } from "../../../src/discord/texts/notices.ts";

const NOTICES: readonly (readonly [Notice, string, string])[] = [
  [
    { kind: "length", maxReplyTokens: 512 },
    "✂ Cut at 512 tokens, the limit for one reply. Say “go on” and I will.",
    "✂ Abgeschnitten bei 512 Tokens, der Grenze für eine Antwort. Sag „weiter“, und ich fahre fort.",
  ],
  [
    { kind: "parts", maxReplyParts: 4 },
    "✂ Cut at 4 messages, the limit for one reply. Say “go on” and I will.",
    "✂ Abgeschnitten bei 4 Nachrichten, der Grenze für eine Antwort. Sag „weiter“, und ich fahre fort.",
  ],
  [
    { kind: "timeout", seconds: 90 },
    "⚠ Stopped: the model gave no sign of life for 90 seconds. Please try again.",
    "⚠ Gestoppt: Das Modell gab 90 Sekunden lang kein Lebenszeichen. Bitte versuch es noch einmal.",
  ],
  [{ kind: "aborted" }, "■ Stopped.", "■ Gestoppt."],
  [
    { kind: "refused", problem: { kind: "reply-too-old" } },
    "⚠ This reply is too long ago to go on with it.",
    "⚠ Diese Antwort ist zu lange her, um sie fortzusetzen.",
  ],
];

it.each(NOTICES)("says under a reply why it ended: %j", (notice, en, de) => {
  expect(toNoticeText(notice)).toEqual({ en, de });
});

it.each([
  { kind: "length", maxReplyTokens: 512 },
  { kind: "parts", maxReplyParts: 4 },
  { kind: "context" },
  { kind: "repetition" },
] as const)("names the button that has a reply go on, where there is one: %j", (notice) => {
  const { de, en } = toNoticeText(notice, true);
  expect(en).toContain("Press Continue or say “go on”");
  expect(de).toContain("Drück auf Weiter oder sag „weiter“");
  const plain = toNoticeText(notice);
  expect([plain.en, plain.de]).toEqual([
    expect.stringMatching(/\. Say “go on”/),
    expect.stringMatching(/\. Sag „weiter“, (?:und|oder)/),
  ]);
});

it("counts one as one", () => {
  const part = toNoticeText({ kind: "parts", maxReplyParts: 1 });
  const second = toNoticeText({ kind: "timeout", seconds: 1 });
  expect([part.en, part.de]).toEqual([
    expect.stringContaining("Cut at 1 message,"),
    expect.stringContaining("bei einer Nachricht,"),
  ]);
  expect([second.en, second.de]).toEqual([
    expect.stringContaining("for 1 second."),
    expect.stringContaining("gab eine Sekunde lang"),
  ]);
});

it("tells people where they stand", () => {
  const texts = [1, 2, 12].map((place) => toWaitingText({ kind: "queued", place }));
  expect(texts).toEqual([
    { en: "⏳ You are next in the queue.", de: "⏳ Du bist als Nächstes an der Reihe." },
    { en: "⏳ You are number 2 in the queue.", de: "⏳ Du bist Nummer 2 in der Warteschlange." },
    { en: "⏳ You are number 12 in the queue.", de: "⏳ Du bist Nummer 12 in der Warteschlange." },
  ]);
});

it.each(["engine-failed", "store-failed", "store-unreachable", "unexpected"] as const)(
  "says in one sentence or two what failed: %s",
  (apology) => {
    const { de, en } = toApologyText(apology);
    expect([en, de]).toEqual([
      expect.stringMatching(/^⚠ [^\n]+\.$/),
      expect.stringMatching(/^⚠ [^\n]+\.$/),
    ]);
  },
);
