import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ReplyPart } from "../../../src/chat/conversation.ts";
import {
  type ChannelId,
  toChannelId,
  toGuildId,
  toMessageId,
  toUserId,
} from "../../../src/chat/ids.ts";
import type { Place } from "../../../src/chat/place.ts";
import type { ReplySurface } from "../../../src/chat/reply-surface.ts";
import { ReplySplitter } from "../../../src/discord/reply/split-reply.ts";
import type { Playground } from "../../../src/playground/playground.ts";
import type { Person } from "../../support/playground.ts";
import type { Bot } from "../../support/playground-bot.ts";
import {
  ending,
  isShown,
  MESSAGES,
  nextAnswer,
  ONE_MESSAGE,
  type ReplyScene,
  startReplyScene,
} from "./reply-scene.ts";

const TYPING = "/channels/:channel/typing";

let scene: ReplyScene;
let playground: Playground;
let bot: Bot;
let ada: Person;
let surface: ReplySurface;
let place: Place;
let channelId: ChannelId;

beforeEach(async () => {
  await start();
});

async function start(limits?: Parameters<typeof startReplyScene>[0]): Promise<void> {
  scene = await startReplyScene(limits);
  ({ playground, bot, ada, surface, place, channelId } = scene);
}

afterEach(async () => {
  await scene[Symbol.asyncDispose]();
});

async function failToSave(): Promise<void> {
  throw new Error("the words are secret");
}

async function streamLetters(letter: string): Promise<void> {
  const view = scene.open();
  for (let length = 1; length <= 8; length += 1) {
    view.show(letter.repeat(length));
    await ada.waitForMessage(isShown(letter.repeat(length)));
  }
  await view.finish(ending(letter.repeat(9)));
}

function contentsOf(text: string): readonly string[] {
  return new ReplySplitter().splitWhole(text).map(({ content }) => content);
}

const longText = Array.from(
  { length: 16 },
  (_, index) =>
    `## Step ${index}\n\n${"Some words that explain it. ".repeat(9)}\n\n` +
    `\`\`\`ts\nfunction step${index}() {\n${"  call(argument, other);\n".repeat(8)}}\n\`\`\`\n\n`,
).join("");

describe("a reply that streams", () => {
  it("arrives as valid messages that put together are the text, without a single 429", async () => {
    const view = scene.open();
    for (let end = 350; end < longText.length; end += 350) {
      const answer = nextAnswer(bot.client, "POST", "PATCH");
      for (let at = end - 343; at <= end; at += 7) view.show(longText.slice(0, at));
      await answer;
    }
    await view.finish(ending(longText));
    const messages = await scene.botMessages();
    const parts = contentsOf(longText);
    expect(longText.length).toBeGreaterThan(7000);
    expect(messages.map(({ content }) => content)).toEqual(parts);
    expect(scene.count("POST", 429) + scene.count("PATCH", 429)).toBe(0);
    const last = new Map(scene.saved.map((part) => [part.index, part]));
    const joined = [...last.values()].map(({ start: from, end }) => longText.slice(from, end));
    expect(joined.join("")).toBe(longText);
    expect([...last.values()].map(({ messageId }) => messageId)).toEqual(
      messages.map(({ id }) => id),
    );
  });

  it("is edited on the way, always with the newest text", async () => {
    const view = scene.open();
    view.show("One");
    await ada.waitForMessage(isShown("One"));
    view.show("One, two");
    view.show("One, two, three");
    await ada.waitForMessage(isShown("One, two, three"));
    await view.finish(ending("One, two, three."));
    expect(await scene.botContents()).toEqual(["One, two, three."]);
    expect(scene.count("PATCH")).toBe(2);
  });

  it("does not send again what is shown already", async () => {
    const view = scene.open();
    view.show("All of it");
    await ada.waitForMessage(isShown("All of it"));
    await view.finish(ending("All of it"));
    expect(scene.count("PATCH")).toBe(0);
  });

  it("shows typing at once, and never after its first message", async () => {
    const typing = playground.faults.hold({ method: "POST", path: TYPING });
    const view = scene.open();
    await typing.reached;
    view.show("Here");
    typing.release();
    await ada.waitForMessage(isShown("Here"));
    await view.finish(ending("Here."));
    const posts = scene.requests.filter(({ method }) => method === "POST").map(({ path }) => path);
    expect(posts).toEqual([`/channels/${channelId}/typing`, `/channels/${channelId}/messages`]);
  });

  it("comes although the typing sign fails", async () => {
    playground.faults.answer({ method: "POST", path: TYPING, status: 500 });
    const view = scene.open();
    await view.finish(ending("Here."));
    expect(await scene.botContents()).toEqual(["Here."]);
  });

  it("shows the notice under the text, or in a message of its own where it does not fit", async () => {
    await scene.open().finish(ending("Half a sen", { notice: { kind: "aborted" } }));
    await scene.open().finish(ending("x".repeat(1995), { notice: { kind: "aborted" } }));
    await scene.open().finish(ending(" ", { notice: { kind: "aborted" } }));
    expect(await scene.botContents()).toEqual([
      "Half a sen\n-# ■ Stopped.",
      "x".repeat(1995),
      "-# ■ Stopped.",
      "-# ■ Stopped.",
    ]);
    expect(scene.saved.map(({ start: from, end }) => [from, end])).toEqual([
      [0, 10],
      [0, 1995],
    ]);
  });

  it("shows nothing when there is nothing to say", async () => {
    await scene.open().finish(ending(""));
    expect(await scene.botContents()).toEqual([]);
  });

  it("goes on when its parts cannot be saved", async () => {
    const view = scene.open({ savePart: failToSave });
    view.show("One");
    await ada.waitForMessage(isShown("One"));
    await view.finish(ending("One, two."));
    expect(await scene.botContents()).toEqual(["One, two."]);
    expect(scene.logged).toHaveLength(2);
    expect(JSON.stringify(scene.logged)).not.toContain("secret");
  });

  it("takes back messages that the final text no longer needs", async () => {
    const view = scene.open();
    view.show(longText.slice(0, 5000));
    await ada.waitForMessage(isShown(contentsOf(longText.slice(0, 5000))[2] ?? ""));
    await view.finish(ending("Short after all."));
    expect(await scene.botContents()).toEqual(["Short after all."]);
  });
});

describe("whom a reply refers to and whom it pings", () => {
  it("refers in a channel to the message that it answers, although that may be gone", async () => {
    const question = await ada.post(channelId, "A question");
    const answering = toMessageId(question.id);
    await scene.open({ answering }).finish(ending(longText));
    const messages = await scene.botMessages();
    expect(messages[0]?.message_reference?.message_id).toBe(question.id);
    expect(messages[1]?.message_reference).toBeUndefined();
    await ada.remove(question);
    await scene.open({ answering }).finish(ending("Still here."));
    expect((await scene.botContents()).at(-1)).toBe("Still here.");
  });

  it("pings nobody, whatever the text says, neither when it is sent nor when it is edited", async () => {
    const text = `@everyone @here <@${ada.id}> look`;
    const question = await ada.post(channelId, "A question");
    const view = scene.open({ answering: toMessageId(question.id) });
    view.show(text);
    await ada.waitForMessage(isShown(text));
    await view.finish(ending(`${text} <@${ada.id}>!`));
    const [message] = await scene.botMessages();
    expect(message).toMatchObject({ mentions: [], mention_everyone: false, mention_roles: [] });
    const created = await ada.waitForEvent("MESSAGE_CREATE", isShown(text));
    expect(created).toMatchObject({ mentions: [], mention_everyone: false });
  });
});

describe("the pace of replies", () => {
  it("sends the final edit at once while the bucket has a request in reserve", async () => {
    await restart({ messageEdit: { requests: 5, perMs: 60_000 } });
    const view = scene.open();
    view.show("One");
    await ada.waitForMessage(isShown("One"));
    for (const text of ["One, two", "One, two, three"]) {
      const answer = nextAnswer(bot.client, "PATCH");
      view.show(text);
      if (text === "One, two") await answer;
    }
    const from = performance.now();
    await view.finish(ending("One, two, three, four."));
    expect(performance.now() - from).toBeLessThan(1000);
    expect(await scene.botContents()).toEqual(["One, two, three, four."]);
    expect(scene.count("PATCH")).toBe(2);
  });

  it("lets two streams of a channel share its bucket without a 429", async () => {
    await Promise.all([streamLetters("a"), streamLetters("b")]);
    expect((await scene.botContents()).toSorted()).toEqual(["a".repeat(9), "b".repeat(9)]);
    expect(scene.count("PATCH", 429)).toBe(0);
    expect(scene.count("PATCH")).toBe(16);
  });
});

describe("a reply that loses its place", () => {
  it("ends quietly when its message is deleted", async () => {
    const view = scene.open();
    view.show("One");
    const message = await ada.waitForMessage(isShown("One"));
    await ada.remove(message);
    view.show("One, two");
    await aborted(view.gone);
    await view.finish(ending("One, two, three"));
    expect(await scene.botContents()).toEqual([]);
    expect(JSON.stringify(scene.logged)).not.toContain("One");
  });

  it("ends quietly when its channel may no longer be seen", async () => {
    const view = scene.open();
    view.show("One");
    await ada.waitForMessage(isShown("One"));
    const denied = { type: 1, allow: "0", deny: String(1 << 10) };
    const path = `/channels/${channelId}/permissions/${ada.session.botUserId}`;
    expect((await ada.request("PUT", path, denied)).status).toBe(204);
    view.show("One, two");
    await aborted(view.gone);
    await view.finish(ending("One, two, three"));
  });

  it("ends quietly when its thread is deleted before the first message", async () => {
    const thread = await ada.openThread(channelId, "A thread");
    const view = scene.open({ place: threadPlace(thread.id) });
    await ada.request("DELETE", `/channels/${thread.id}`);
    await view.finish(ending("Too late"));
    expect(view.gone.aborted).toBe(true);
  });

  it("goes on in a thread that was archived meanwhile", async () => {
    const thread = await ada.openThread(channelId, "A thread");
    const view = scene.open({ place: threadPlace(thread.id) });
    view.show("One");
    await ada.waitForMessage(isShown("One"));
    await ada.request("PATCH", `/channels/${thread.id}`, { archived: true });
    await view.finish(ending("One, two."));
    expect((await scene.botMessages(thread.id)).map(({ content }) => content)).toEqual([
      "One, two.",
    ]);
  });
});

describe("a reply through an unreliable connection", () => {
  it.each([
    ["a server's fault", { status: 500 }],
    ["a proxy's fault", { status: 502 }],
  ])("is not posted twice after %s that came after the work", async (_name, { status }) => {
    playground.faults.answer({ method: "POST", path: MESSAGES, status, when: "after" });
    await scene.open().finish(ending("Only once."));
    expect(await scene.botContents()).toEqual(["Only once."]);
    expect(scene.count("POST", 200)).toBe(0);
  });

  it("is not posted twice when the connection broke after the work", async () => {
    playground.faults.drop({ method: "POST", path: MESSAGES, when: "after" });
    await scene.open().finish(ending("Only once."));
    expect(await scene.botContents()).toEqual(["Only once."]);
  });

  it("is posted once when the history cannot be read, by its nonce", async () => {
    playground.faults.answer({ method: "POST", path: MESSAGES, status: 500, when: "after" });
    playground.faults.answer({ method: "GET", path: MESSAGES, status: 403, code: 50_013 });
    await scene.open().finish(ending("Only once."));
    expect(await scene.botContents()).toEqual(["Only once."]);
  });

  it("is posted when the work was not done", async () => {
    playground.faults.answer({ method: "POST", path: MESSAGES, status: 503 });
    const view = scene.open();
    view.show("Only");
    await view.finish(ending("Only once."));
    expect(await scene.botContents()).toEqual(["Only once."]);
  });

  it("does not take an older message that reads the same for its own", async () => {
    await scene.open().finish(ending("The same."));
    playground.faults.answer({ method: "POST", path: MESSAGES, status: 503 });
    await scene.open().finish(ending("The same."));
    expect(await scene.botContents()).toEqual(["The same.", "The same."]);
  });

  it("repeats an edit that failed, with the newest text", async () => {
    const view = scene.open();
    view.show("One");
    await ada.waitForMessage(isShown("One"));
    playground.faults.answer({ method: "PATCH", path: ONE_MESSAGE, status: 500 });
    const failed = nextAnswer(bot.client, "PATCH");
    view.show("One, two");
    await failed;
    await view.finish(ending("One, two, three."));
    expect(await scene.botContents()).toEqual(["One, two, three."]);
    expect(scene.count("PATCH")).toBe(2);
  });
});

describe("a reply that a crash cut off", () => {
  it("gets all of its stored text, and the mark at its end", async () => {
    const half = longText.slice(0, 5000);
    const first = scene.open();
    first.show(half.slice(0, 2500));
    await ada.waitForMessage(isShown(contentsOf(half.slice(0, 2500))[1] ?? ""));
    const before = await scene.botMessages();
    const parts = before.map(({ id }, index) => ({
      messageId: toMessageId(id),
      index,
      start: 0,
      end: 1,
    }));
    const restarted = scene.restart();
    await restarted.markInterrupted(unfinished(half, parts), scene.savePart);
    const after = await scene.botContents();
    const expected = contentsOf(half);
    expect(after.slice(0, -1)).toEqual(expected.slice(0, -1));
    expect(after.at(-1)).toBe(
      `${expected.at(-1)}\n-# ⚠ Interrupted: I was restarted in the middle of this reply.`,
    );
  });

  it("edits no part that shows what it should", async () => {
    const view = scene.open();
    await view.finish(ending("All of it"));
    await surface.markInterrupted(unfinished("All of it", scene.saved), scene.savePart);
    expect(scene.count("PATCH")).toBe(1);
    expect((await scene.botContents())[0]).toMatch(/^All of it\n-# ⚠ Interrupted/);
  });

  it("gets a message when it had none", async () => {
    await surface.markInterrupted(unfinished("", []), scene.savePart);
    expect((await scene.botContents())[0]).toMatch(/^-# ⚠ Interrupted/);
  });

  it("takes up the message whose part was lost, and no other", async () => {
    await ada.post(channelId, "Half a reply");
    await scene.open().finish(ending("Half a"));
    const restarted = scene.restart();
    scene.saved.length = 0;
    await restarted.markInterrupted(unfinished("Half a reply", []), scene.savePart);
    const messages = await scene.botMessages();
    expect(messages.map(({ content }) => content)).toEqual([
      "Half a reply\n-# ⚠ Interrupted: I was restarted in the middle of this reply.",
    ]);
    expect(scene.saved).toMatchObject([
      { messageId: messages[0]?.id, index: 0, start: 0, end: 12 },
    ]);
  });

  it("is left alone when its message is gone", async () => {
    const part = { messageId: toMessageId("100000000000000001"), index: 0, start: 0, end: 3 };
    await surface.markInterrupted(unfinished("One two", [part]), scene.savePart);
    expect(await scene.botContents()).toEqual([]);
  });
});

it("says one sentence where a turn cannot be answered, and pings nobody", async () => {
  const freeAt = new Date("2030-01-01T00:00:00Z");
  await surface.apologise(place, { kind: "quota-used-up", person: toUserId(ada.id), freeAt });
  const [message] = await scene.botMessages();
  expect(message).toMatchObject({ content: expect.stringContaining(`<@${ada.id}>`), mentions: [] });
});

function unfinished(text: string, parts: readonly ReplyPart[]) {
  return { replyId: 1, conversationId: 1, place, text, parts, lastMessageId: undefined };
}

async function restart(limits: Parameters<typeof start>[0]): Promise<void> {
  await scene[Symbol.asyncDispose]();
  await start(limits);
}

function threadPlace(threadId: string): Place {
  const guildId = toGuildId(ada.session.guildId);
  return { kind: "thread", id: toChannelId(threadId), guildId, parentId: channelId };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
