import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { UnfinishedReply } from "../../../src/chat/conversation.ts";
import { toMessageId } from "../../../src/chat/ids.ts";
import type { ReplyView } from "../../../src/chat/reply-surface.ts";
import {
  ending,
  isShown,
  MESSAGES,
  nextAnswer,
  ONE_MESSAGE,
  type ReplyScene,
  startReplyScene,
} from "./reply-scene.ts";

const STOPPED = { kind: "aborted" } as const;

let scene: ReplyScene;

beforeEach(async () => {
  scene = await startReplyScene();
});

afterEach(async () => {
  await scene[Symbol.asyncDispose]();
});

/** A view whose waiting message stands in the channel. */
async function openWaiting(request?: Parameters<ReplyScene["open"]>[0]): Promise<ReplyView> {
  const view = scene.open(request);
  view.wait({ kind: "queued", place: 3 });
  await scene.ada.waitForMessage(isShown("-# ⏳ You are number 3 in the queue."));
  return view;
}

function messagePosts(): number {
  const path = `/channels/${scene.channelId}/messages`;
  return scene.requests.filter((one) => one.method === "POST" && one.path === path).length;
}

describe("a reply that waits", () => {
  it("says so in small print, in one message, and is no part of the reply yet", async () => {
    const view = await openWaiting();
    view.wait({ kind: "queued", place: 2 });
    await scene.ada.waitForMessage(isShown("-# ⏳ You are number 2 in the queue."));
    expect(await scene.botMessages()).toHaveLength(1);
    expect(scene.saved).toEqual([]);
    await view.finish(ending(""));
  });

  it("becomes the text in the same message, which still refers to the question", async () => {
    const question = await scene.ada.post(scene.channelId, "A question");
    const view = await openWaiting({ answering: toMessageId(question.id) });
    const [waiting] = await scene.botMessages();
    view.show(`Hello <@${scene.ada.id}>`);
    await scene.ada.waitForMessage(isShown(`Hello <@${scene.ada.id}>`));
    await view.finish(ending(`Hello <@${scene.ada.id}>!`));
    expect(await scene.botMessages()).toMatchObject([
      {
        id: waiting?.id,
        content: `Hello <@${scene.ada.id}>!`,
        mentions: [],
        message_reference: { message_id: question.id },
      },
    ]);
    expect(messagePosts()).toBe(1);
    const stretches = scene.saved.map(({ messageId, start, end }) => [messageId, start, end]);
    const { length } = scene.ada.id;
    expect(stretches).toEqual([
      [waiting?.id, 0, length + 9],
      [waiting?.id, 0, length + 10],
    ]);
  });

  it("skips sentences that are out of date before they can be sent", async () => {
    const view = await openWaiting();
    const edit = scene.playground.faults.hold({ method: "PATCH", path: ONE_MESSAGE });
    view.wait({ kind: "queued", place: 2 });
    await edit.reached;
    view.wait({ kind: "queued", place: 1 });
    view.wait({ kind: "turn" });
    edit.release();
    await scene.ada.waitForMessage(isShown("-# ⏳ It is your turn: I am reading."));
    await view.finish(ending(""));
    expect(scene.count("PATCH")).toBe(2);
  });

  it("does not keep its text waiting behind a sentence", async () => {
    await scene[Symbol.asyncDispose]();
    scene = await startReplyScene({ messageEdit: { requests: 5, perMs: 60_000 } });
    const view = await openWaiting();
    const answer = nextAnswer(scene.bot.client, "PATCH");
    view.wait({ kind: "queued", place: 2 });
    await answer;
    view.wait({ kind: "queued", place: 1 });
    const first = nextAnswer(scene.bot.client, "PATCH");
    view.show("Hello");
    await first;
    expect(await scene.botContents()).toEqual(["Hello"]);
    await view.finish(ending("Hello"));
  });

  it("shows no sentence when its text is there first, nor once it has begun", async () => {
    const view = scene.open();
    view.wait({ kind: "queued", place: 3 });
    view.show("Hello");
    await scene.ada.waitForMessage(isShown("Hello"));
    view.wait({ kind: "queued", place: 3 });
    await view.finish(ending("Hello."));
    expect(await scene.botContents()).toEqual(["Hello."]);
    expect([messagePosts(), scene.count("PATCH")]).toEqual([1, 1]);
  });

  it("keeps its message while there is neither a sentence nor a text", async () => {
    const view = await openWaiting();
    view.wait(undefined);
    view.show("\n");
    view.show("\nHello");
    await scene.ada.waitForMessage(isShown("Hello"));
    await view.finish(ending("\nHello"));
    expect(scene.count("DELETE")).toBe(0);
    expect(await scene.botContents()).toEqual(["Hello"]);
  });

  it("notices that its message is deleted", async () => {
    const view = await openWaiting();
    const [waiting] = await scene.botMessages();
    if (waiting !== undefined) await scene.ada.remove(waiting);
    await view.finish(ending("", { notice: STOPPED }));
    expect(view.gone.aborted).toBe(true);
    expect(await scene.botContents()).toEqual([]);
  });
});

describe("a reply that ends while it waits", () => {
  it("takes its message back when there is nothing to say", async () => {
    const view = await openWaiting();
    await view.finish(ending(""));
    expect(await scene.botMessages()).toEqual([]);
    expect(scene.saved).toEqual([]);
  });

  it.each([
    ["its notice", ending(" ", { notice: STOPPED }), "-# ■ Stopped."],
    ["its text", ending("Hello"), "Hello"],
    ["its thoughts", ending("", { thoughts: "Hm." }), "-# 💭 Thoughts\n|| Hm. ||"],
  ])("shows %s in the same message", async (_name, last, content) => {
    const view = await openWaiting();
    await view.finish(last);
    expect(await scene.botContents()).toEqual([content]);
    expect(messagePosts()).toBe(1);
  });

  it("leaves no message behind that was under way", async () => {
    const post = scene.playground.faults.hold({ method: "POST", path: MESSAGES });
    const view = scene.open();
    view.wait({ kind: "queued", place: 3 });
    await post.reached;
    const finished = view.finish(ending(""));
    post.release();
    await finished;
    expect(await scene.botContents()).toEqual([]);
  });

  it("leaves no message behind that a failed request has posted all the same", async () => {
    const fault = { method: "POST", path: MESSAGES, status: 500, when: "after" } as const;
    scene.playground.faults.answer(fault);
    const view = await openWaiting();
    await view.finish(ending(""));
    expect(await scene.botContents()).toEqual([]);
  });

  it("posts nothing when the request failed before it was done", async () => {
    scene.playground.faults.answer({ method: "POST", path: MESSAGES, status: 503 });
    const view = scene.open();
    const typing = nextAnswer(scene.bot.client, "POST");
    view.wait({ kind: "queued", place: 3 });
    await typing;
    await nextAnswer(scene.bot.client, "POST");
    await view.finish(ending(""));
    expect(await scene.botContents()).toEqual([]);
  });
});

describe("the thoughts of a reply", () => {
  it("come folded after the text and its notice, in a message that is no part", async () => {
    const last = ending("Hello.", { notice: STOPPED, thoughts: "She said || hello." });
    await scene.open().finish(last);
    expect(await scene.botContents()).toEqual([
      "Hello.\n-# ■ Stopped.",
      "-# 💭 Thoughts\n|| She said |\u200B| hello. ||",
    ]);
    expect(scene.saved.map(({ index }) => index)).toEqual([0]);
  });

  it("are not shown when they are blank", async () => {
    await scene.open().finish(ending("Hello.", { thoughts: "\n" }));
    expect(await scene.botContents()).toEqual(["Hello."]);
  });
});

it("measures where a text fills so many messages, and shows no more of the text up to there", async () => {
  const text = "Some words that fill a message. ".repeat(300);
  const view = scene.open();
  const length = view.measure(text, 2);
  await view.finish(ending(text.slice(0, length)));
  expect(length).toBeLessThan(4000);
  expect(await scene.botMessages()).toHaveLength(2);
  expect(view.measure("Some words.", 2)).toBe(11);
});

describe("a reply that a crash cut off while it waited", () => {
  const unfinished = (text: string): UnfinishedReply => {
    const { place } = scene;
    return { replyId: 1, conversationId: 1, place, text, parts: [], lastMessageId: undefined };
  };

  it.each([
    ["", /^-# ⚠ Interrupted/],
    ["Hello", /^Hello\n-# ⚠ Interrupted/],
  ])("takes up its message: %j", async (text, content) => {
    await openWaiting();
    await scene.restart().markInterrupted(unfinished(text), scene.savePart);
    const contents = await scene.botContents();
    expect(contents).toHaveLength(1);
    expect(contents[0]).toMatch(content);
  });

  it("takes no other message for its own", async () => {
    await scene.surface.apologise(scene.place, "unexpected");
    await scene.restart().markInterrupted(unfinished(""), scene.savePart);
    expect(await scene.botContents()).toMatchObject([
      expect.stringMatching(/^⚠ Something went wrong/),
      expect.stringMatching(/^-# ⚠ Interrupted/),
    ]);
  });
});

describe("a message that a rewritten reply no longer needs", () => {
  it("does not keep the reply from being written where somebody has deleted it", async () => {
    const former = "Some words that fill a message. ".repeat(100);
    await scene.open().finish(ending(former));
    const [, second] = await scene.botMessages();
    if (second === undefined) throw new Error("The reply has one message only");
    await scene.ada.remove(second);
    const rewrites = {
      text: "",
      parts: [...scene.saved],
      lastMessageId: undefined,
      dropPart: async () => {},
    };
    const view = scene.open({ rewrites });
    view.show("Written");
    await scene.ada.waitForMessage(({ content }) => content === "Written");
    await view.finish(ending("Written anew."));
    expect(view.gone.aborted).toBe(false);
    expect(scene.count("DELETE", 404)).toBe(1);
    expect(await scene.botContents()).toEqual(["Written anew."]);
  });
});
