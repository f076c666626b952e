import { setTimeout as wait } from "node:timers/promises";
import type { AnswerSettings } from "../../src/chat/reply/answer-ports.ts";
import type { Clock } from "../../src/chat/ports.ts";
import { SAMPLING } from "./local-engine.ts";

/** Familiar's own, but with a fixed seed. */
export const ANSWER_SETTINGS: AnswerSettings = {
  defaultSystemPrompt: "You are Familiar, a helpful assistant.",
  maxReplyTokens: 1_024,
  recallTokens: 512,
  sampling: SAMPLING,
  maxReplyParts: 8,
  showThoughts: false,
  replyTimeoutMs: 120_000,
  maxWaiting: 64,
  maxWaitingPerUser: 8,
};

/** What still waits when everything is measured keeps no process alive. */
export const clock: Clock = {
  now: () => performance.now(),
  wait: (ms) => wait(ms, undefined, { ref: false }),
  date: () => new Date(),
};
