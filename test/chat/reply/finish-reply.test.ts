import { describe, expect, it } from "vitest";
import type { LastReply } from "../../../src/chat/conversation.ts";
import { FamiliarError } from "../../../src/chat/errors.ts";
import { toMessageId } from "../../../src/chat/ids.ts";
import type { AnswerDependencies, AnswerSettings } from "../../../src/chat/reply/answer-ports.ts";
import { finishReply, finishUnbegun } from "../../../src/chat/reply/finish-reply.ts";
import { ReplyNumbers } from "../../../src/chat/reply/reply-numbers.ts";
import { activeOf } from "../../../src/chat/reply/shown-reply.ts";
import { CountingEngine } from "../../support/counting-engine.ts";
import { RecordingLog } from "../../support/database-log.ts";
import { HandClock } from "../../support/hand-clock.ts";
import { RecordingReplies } from "../../support/recording-replies.ts";
import { RecordingSurface } from "../../support/recording-surface.ts";
import { ada, conversationWith, thread } from "../../support/turns.ts";

const away = new FamiliarError("store-unreachable", "The database is away");
const failed = new FamiliarError("store-failed", "The database is broken");

const last: LastReply = {
  conversationId: 7,
  turnId: 3,
  position: 1,
  variants: [{ id: 5, text: "As it was.", thoughts: undefined, reason: "stop", isActive: true }],
  askedBy: ada.id,
  parts: [{ messageId: toMessageId("31"), index: 0, start: 0, end: 10 }],
  answered: [],
  answersUnstored: false,
  controlsMessageId: toMessageId("31"),
};

// Of the settings, only these are read.
const settings = { showThoughts: false, maxReplyTokens: 100 } as AnswerSettings;

class Replies extends RecordingReplies {
  override last(): Promise<undefined> {
    return Promise.reject(away);
  }
}

function createScene(replies: RecordingReplies) {
  const log = new RecordingLog();
  const surface = new RecordingSurface();
  const view = surface.open({ place: thread, answering: undefined, savePart: async () => {} });
  const asked = {
    newest: undefined,
    answering: () => [],
    signal: new AbortController().signal,
    takeWaiting: () => {},
    answerUpTo: () => {},
    startEnding: () => {},
  };
  const request = { place: thread, asked, known: undefined, rewriting: { kind: "again", last } };
  const engine = new CountingEngine();
  const parts = { clock: new HandClock(), engine, log, numbers: new ReplyNumbers(), replies };
  return {
    // These fakes have all that an ending asks for.
    dependencies: parts as unknown as AnswerDependencies,
    log,
    request: request as Parameters<typeof finishUnbegun>[2]["request"],
    view,
  };
}

describe("a reply that is to be written again", () => {
  it("stays as it was shown where it never begins, since the database is away", async () => {
    const { dependencies, log, request, view } = createScene(new Replies());
    const unbegun = { error: away, request, view };
    await expect(finishUnbegun(dependencies, settings, unbegun)).rejects.toBe(away);
    expect(view.finished).toMatchObject([{ text: "As it was.", controls: { replyId: 5 } }]);
    expect(log.lines).toEqual(["A reply is shown as it was before"]);
  });

  it("is shown as it was where nothing came of it and that cannot be stored", async () => {
    const replies = new RecordingReplies({ endFailures: [failed] });
    const { dependencies, request, view } = createScene(replies);
    const former = activeOf(last);
    const ended = finishReply(dependencies, {
      begun: {
        replyId: 6,
        // It is not read at the end.
        prompt: undefined as never,
        beginning: "",
        former,
        number: 2,
        count: 2,
        answersUnstored: false,
      },
      reply: {
        conversation: conversationWith(),
        replyId: 6,
        askedBy: ada.id,
        waitedMs: 0,
        written: { text: "", thoughts: undefined, reason: "aborted", usage: undefined },
      },
      request,
      settings,
      shown: { replyId: 6 },
      view,
    });
    await expect(ended).rejects.toBe(failed);
    expect(view.finished).toMatchObject([{ text: "As it was.", controls: { replyId: 5 } }]);
  });
});
