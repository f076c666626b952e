import { type Client, RESTEvents } from "discord.js";
import type { APIMessage } from "discord-api-types/v10";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ReplyPart } from "../../../src/chat/conversation.ts";
import { type ChannelId, toChannelId, toGuildId, toMessageId } from "../../../src/chat/ids.ts";
import type { Place } from "../../../src/chat/place.ts";
import type { Log, ReplySurface } from "../../../src/chat/ports.ts";
import { createReplySurface } from "../../../src/discord/reply/reply-surface.ts";
import { ReplySplitter } from "../../../src/discord/reply/split-reply.ts";
import { createRestOptions } from "../../../src/discord/rest/rest-options.ts";
import type { Playground } from "../../../src/playground/playground.ts";
import { connectPerson, type Person, startTestPlayground } from "../../support/playground.ts";
import { type Bot, connectBot } from "../../support/playground-bot.ts";

const MESSAGES = "/channels/:channel/messages";
const ONE_MESSAGE = "/channels/:channel/messages/:message";
const TYPING = "/channels/:channel/typing";

let playground: Playground;
let bot: Bot;
let ada: Person;
let surface: ReplySurface;
let place: Place;
let channelId: ChannelId;
let requests: Request[];
let logged: unknown[][];
let saved: ReplyPart[];

interface Request {
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

beforeEach(async () => {
  await start();
});

async function start(limits = { messageEdit: { requests: 5, perMs: 500 } }): Promise<void> {
  playground = await startTestPlayground({ limits });
  bot = await connectBot(playground, { rest: createRestOptions({ apiUrl: playground.apiUrl }) });
  ada = await connectPerson(playground, "Ada");
  channelId = toChannelId(ada.channelId);
  place = { kind: "channel", id: channelId, guildId: toGuildId(ada.session.guildId) };
  requests = [];
  logged = [];
  saved = [];
  bot.client.rest.on(RESTEvents.Response, ({ method, path }, { status }) => {
    requests.push({ method, path, status });
  });
  const log = (...line: unknown[]): void => void logged.push(line);
  const recorder: Log = { info: log, warn: log, error: log };
  surface = createReplySurface({ client: bot.client, clock: performance, log: recorder });
}

afterEach(async () => {
  await ada[Symbol.asyncDispose]();
  await bot[Symbol.asyncDispose]();
  await playground[Symbol.asyncDispose]();
});

async function savePart(part: ReplyPart): Promise<void> {
  saved.push(part);
}

async function failToSave(): Promise<void> {
  throw new Error("the words are secret");
}

async function streamLetters(letter: string): Promise<void> {
  const view = open();
  for (let length = 1; length <= 8; length += 1) {
    view.show(letter.repeat(length));
    await ada.waitForMessage(isShown(letter.repeat(length)));
  }
  await view.finish(letter.repeat(9), undefined);
}

function open(where: Place = place) {
  return surface.open({ place: where, answering: undefined, savePart });
}

/** Oldest first, the bot's only. */
async function botMessages(channel: string = channelId): Promise<APIMessage[]> {
  const messages = await ada.messages(channel);
  return messages.filter(({ author }) => author.id === ada.session.botUserId).toReversed();
}

async function botContents(): Promise<string[]> {
  return (await botMessages()).map(({ content }) => content);
}

function contentsOf(text: string): readonly string[] {
  return new ReplySplitter().splitWhole(text).map(({ content }) => content);
}

/** The next answer to a request of the bot. */
function nextAnswer(client: Client, ...methods: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const look = (request: { method: string }): void => {
      if (!methods.includes(request.method.toUpperCase())) return;
      client.rest.off(RESTEvents.Response, look);
      resolve();
    };
    client.rest.on(RESTEvents.Response, look);
  });
}

function count(method: string, status?: number): number {
  return requests.filter(
    (request) => request.method === method && (status === undefined || request.status === status),
  ).length;
}

function isShown(content: string): (message: APIMessage) => boolean {
  return (message) => message.content === content;
}

const longText = Array.from(
  { length: 16 },
  (_, index) =>
    `## Step ${index}\n\n${"Some words that explain it. ".repeat(9)}\n\n` +
    `\`\`\`ts\nfunction step${index}() {\n${"  call(argument, other);\n".repeat(8)}}\n\`\`\`\n\n`,
).join("");

describe("a reply that streams", () => {
  it("arrives as valid messages that put together are the text, without a single 429", async () => {
    const view = open();
    for (let end = 350; end < longText.length; end += 350) {
      const answer = nextAnswer(bot.client, "POST", "PATCH");
      for (let at = end - 343; at <= end; at += 7) view.show(longText.slice(0, at));
      await answer;
    }
    await view.finish(longText, undefined);
    const messages = await botMessages();
    const parts = contentsOf(longText);
    expect(longText.length).toBeGreaterThan(7000);
    expect(messages.map(({ content }) => content)).toEqual(parts);
    expect(count("POST", 429) + count("PATCH", 429)).toBe(0);
    const last = new Map(saved.map((part) => [part.index, part]));
    const joined = [...last.values()].map(({ start: from, end }) => longText.slice(from, end));
    expect(joined.join("")).toBe(longText);
    expect([...last.values()].map(({ messageId }) => messageId)).toEqual(
      messages.map(({ id }) => id),
    );
  });

  it("is edited on the way, always with the newest text", async () => {
    const view = open();
    view.show("One");
    await ada.waitForMessage(isShown("One"));
    view.show("One, two");
    view.show("One, two, three");
    await ada.waitForMessage(isShown("One, two, three"));
    await view.finish("One, two, three.", undefined);
    expect(await botContents()).toEqual(["One, two, three."]);
    expect(count("PATCH")).toBe(2);
  });

  it("does not send again what is shown already", async () => {
    const view = open();
    view.show("All of it");
    await ada.waitForMessage(isShown("All of it"));
    await view.finish("All of it", undefined);
    expect(count("PATCH")).toBe(0);
  });

  it("shows typing at once, and never after its first message", async () => {
    const typing = playground.faults.hold({ method: "POST", path: TYPING });
    const view = open();
    await typing.reached;
    view.show("Here");
    typing.release();
    await ada.waitForMessage(isShown("Here"));
    await view.finish("Here.", undefined);
    const posts = requests.filter(({ method }) => method === "POST").map(({ path }) => path);
    expect(posts).toEqual([`/channels/${channelId}/typing`, `/channels/${channelId}/messages`]);
  });

  it("comes although the typing sign fails", async () => {
    playground.faults.answer({ method: "POST", path: TYPING, status: 500 });
    const view = open();
    await view.finish("Here.", undefined);
    expect(await botContents()).toEqual(["Here."]);
  });

  it("shows the notice under the text, or in a message of its own where it does not fit", async () => {
    await open().finish("Half a sen", "Stopped.");
    await open().finish("x".repeat(1995), "Stopped.");
    await open().finish(" ", "Stopped.");
    expect(await botContents()).toEqual([
      "Half a sen\n-# Stopped.",
      "x".repeat(1995),
      "-# Stopped.",
      "-# Stopped.",
    ]);
    expect(saved.map(({ start: from, end }) => [from, end])).toEqual([
      [0, 10],
      [0, 1995],
    ]);
  });

  it("shows nothing when there is nothing to say", async () => {
    await open().finish("", undefined);
    expect(await botContents()).toEqual([]);
  });

  it("goes on when its parts cannot be saved", async () => {
    const view = surface.open({ place, answering: undefined, savePart: failToSave });
    view.show("One");
    await ada.waitForMessage(isShown("One"));
    await view.finish("One, two.", undefined);
    expect(await botContents()).toEqual(["One, two."]);
    expect(logged).toHaveLength(2);
    expect(JSON.stringify(logged)).not.toContain("secret");
  });

  it("takes back messages that the final text no longer needs", async () => {
    const view = open();
    view.show(longText.slice(0, 5000));
    await ada.waitForMessage(isShown(contentsOf(longText.slice(0, 5000))[2] ?? ""));
    await view.finish("Short after all.", undefined);
    expect(await botContents()).toEqual(["Short after all."]);
  });
});

describe("whom a reply refers to and whom it pings", () => {
  it("refers in a channel to the message that it answers, although that may be gone", async () => {
    const question = await ada.post(channelId, "A question");
    const answering = toMessageId(question.id);
    await surface.open({ place, answering, savePart }).finish(longText, undefined);
    const messages = await botMessages();
    expect(messages[0]?.message_reference?.message_id).toBe(question.id);
    expect(messages[1]?.message_reference).toBeUndefined();
    await ada.remove(question);
    await surface.open({ place, answering, savePart }).finish("Still here.", undefined);
    expect((await botContents()).at(-1)).toBe("Still here.");
  });

  it("pings nobody, whatever the text says, neither when it is sent nor when it is edited", async () => {
    const text = `@everyone @here <@${ada.id}> look`;
    const question = await ada.post(channelId, "A question");
    const view = surface.open({ place, answering: toMessageId(question.id), savePart });
    view.show(text);
    await ada.waitForMessage(isShown(text));
    await view.finish(`${text} <@${ada.id}>!`, undefined);
    const [message] = await botMessages();
    expect(message).toMatchObject({ mentions: [], mention_everyone: false, mention_roles: [] });
    const created = await ada.waitForEvent("MESSAGE_CREATE", isShown(text));
    expect(created).toMatchObject({ mentions: [], mention_everyone: false });
  });
});

describe("the pace of replies", () => {
  it("sends the final edit at once while the bucket has a request in reserve", async () => {
    await restart({ messageEdit: { requests: 5, perMs: 60_000 } });
    const view = open();
    view.show("One");
    await ada.waitForMessage(isShown("One"));
    for (const text of ["One, two", "One, two, three"]) {
      const answer = nextAnswer(bot.client, "PATCH");
      view.show(text);
      if (text === "One, two") await answer;
    }
    const from = performance.now();
    await view.finish("One, two, three, four.", undefined);
    expect(performance.now() - from).toBeLessThan(1000);
    expect(await botContents()).toEqual(["One, two, three, four."]);
    expect(count("PATCH")).toBe(2);
  });

  it("lets two streams of a channel share its bucket without a 429", async () => {
    await Promise.all([streamLetters("a"), streamLetters("b")]);
    expect((await botContents()).toSorted()).toEqual(["a".repeat(9), "b".repeat(9)]);
    expect(count("PATCH", 429)).toBe(0);
    expect(count("PATCH")).toBe(16);
  });
});

describe("a reply that loses its place", () => {
  it("ends quietly when its message is deleted", async () => {
    const view = open();
    view.show("One");
    const message = await ada.waitForMessage(isShown("One"));
    await ada.remove(message);
    view.show("One, two");
    await aborted(view.gone);
    await view.finish("One, two, three", undefined);
    expect(await botContents()).toEqual([]);
    expect(JSON.stringify(logged)).not.toContain("One");
  });

  it("ends quietly when its channel may no longer be seen", async () => {
    const view = open();
    view.show("One");
    await ada.waitForMessage(isShown("One"));
    const denied = { type: 1, allow: "0", deny: String(1 << 10) };
    const path = `/channels/${channelId}/permissions/${ada.session.botUserId}`;
    expect((await ada.request("PUT", path, denied)).status).toBe(204);
    view.show("One, two");
    await aborted(view.gone);
    await view.finish("One, two, three", undefined);
  });

  it("ends quietly when its thread is deleted before the first message", async () => {
    const thread = await ada.openThread(channelId, "A thread");
    const view = open(threadPlace(thread.id));
    await ada.request("DELETE", `/channels/${thread.id}`);
    await view.finish("Too late", undefined);
    expect(view.gone.aborted).toBe(true);
  });

  it("goes on in a thread that was archived meanwhile", async () => {
    const thread = await ada.openThread(channelId, "A thread");
    const view = open(threadPlace(thread.id));
    view.show("One");
    await ada.waitForMessage(isShown("One"));
    await ada.request("PATCH", `/channels/${thread.id}`, { archived: true });
    await view.finish("One, two.", undefined);
    expect((await botMessages(thread.id)).map(({ content }) => content)).toEqual(["One, two."]);
  });
});

describe("a reply through an unreliable connection", () => {
  it.each([
    ["a server's fault", { status: 500 }],
    ["a proxy's fault", { status: 502 }],
  ])("is not posted twice after %s that came after the work", async (_name, { status }) => {
    playground.faults.answer({ method: "POST", path: MESSAGES, status, when: "after" });
    await open().finish("Only once.", undefined);
    expect(await botContents()).toEqual(["Only once."]);
    expect(count("POST", 200)).toBe(0);
  });

  it("is not posted twice when the connection broke after the work", async () => {
    playground.faults.drop({ method: "POST", path: MESSAGES, when: "after" });
    await open().finish("Only once.", undefined);
    expect(await botContents()).toEqual(["Only once."]);
  });

  it("is posted once when the history cannot be read, by its nonce", async () => {
    playground.faults.answer({ method: "POST", path: MESSAGES, status: 500, when: "after" });
    playground.faults.answer({ method: "GET", path: MESSAGES, status: 403, code: 50_013 });
    await open().finish("Only once.", undefined);
    expect(await botContents()).toEqual(["Only once."]);
  });

  it("is posted when the work was not done", async () => {
    playground.faults.answer({ method: "POST", path: MESSAGES, status: 503 });
    const view = open();
    view.show("Only");
    await view.finish("Only once.", undefined);
    expect(await botContents()).toEqual(["Only once."]);
  });

  it("does not take an older message that reads the same for its own", async () => {
    await open().finish("The same.", undefined);
    playground.faults.answer({ method: "POST", path: MESSAGES, status: 503 });
    await open().finish("The same.", undefined);
    expect(await botContents()).toEqual(["The same.", "The same."]);
  });

  it("repeats an edit that failed, with the newest text", async () => {
    const view = open();
    view.show("One");
    await ada.waitForMessage(isShown("One"));
    playground.faults.answer({ method: "PATCH", path: ONE_MESSAGE, status: 500 });
    const failed = nextAnswer(bot.client, "PATCH");
    view.show("One, two");
    await failed;
    await view.finish("One, two, three.", undefined);
    expect(await botContents()).toEqual(["One, two, three."]);
    expect(count("PATCH")).toBe(2);
  });
});

describe("a reply that a crash cut off", () => {
  it("gets all of its stored text, and the mark at its end", async () => {
    const half = longText.slice(0, 5000);
    const first = open();
    first.show(half.slice(0, 2500));
    await ada.waitForMessage(isShown(contentsOf(half.slice(0, 2500))[1] ?? ""));
    const before = await botMessages();
    const parts = before.map(({ id }, index) => ({
      messageId: toMessageId(id),
      index,
      start: 0,
      end: 1,
    }));
    const restarted = createReplySurface({ client: bot.client, clock: performance, log: silent });
    await restarted.markInterrupted(unfinished(half, parts), savePart);
    const after = await botContents();
    const expected = contentsOf(half);
    expect(after.slice(0, -1)).toEqual(expected.slice(0, -1));
    expect(after.at(-1)).toBe(
      `${expected.at(-1)}\n-# ⚠ Interrupted: I was restarted in the middle of this reply.`,
    );
  });

  it("edits no part that shows what it should", async () => {
    const view = open();
    await view.finish("All of it", undefined);
    await surface.markInterrupted(unfinished("All of it", saved), savePart);
    expect(count("PATCH")).toBe(1);
    expect((await botContents())[0]).toMatch(/^All of it\n-# ⚠ Interrupted/);
  });

  it("gets a message when it had none", async () => {
    await surface.markInterrupted(unfinished("", []), savePart);
    expect((await botContents())[0]).toMatch(/^-# ⚠ Interrupted/);
  });

  it("takes up the message whose part was lost, and no other", async () => {
    await ada.post(channelId, "Half a reply");
    await open().finish("Half a", undefined);
    const restarted = createReplySurface({ client: bot.client, clock: performance, log: silent });
    saved = [];
    await restarted.markInterrupted(unfinished("Half a reply", []), savePart);
    const messages = await botMessages();
    expect(messages.map(({ content }) => content)).toEqual([
      "Half a reply\n-# ⚠ Interrupted: I was restarted in the middle of this reply.",
    ]);
    expect(saved).toMatchObject([{ messageId: messages[0]?.id, index: 0, start: 0, end: 12 }]);
  });

  it("is left alone when its message is gone", async () => {
    const part = { messageId: toMessageId("100000000000000001"), index: 0, start: 0, end: 3 };
    await surface.markInterrupted(unfinished("One two", [part]), savePart);
    expect(await botContents()).toEqual([]);
  });
});

it("says one sentence where a turn cannot be answered, and pings nobody", async () => {
  await surface.apologise(place, `Sorry @everyone, <@${ada.id}>.`);
  const [message] = await botMessages();
  expect(message).toMatchObject({ content: `Sorry @everyone, <@${ada.id}>.`, mentions: [] });
});

function unfinished(text: string, parts: readonly ReplyPart[]) {
  return { replyId: 1, place, text, parts, lastMessageId: undefined };
}

const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };

async function restart(limits: Parameters<typeof start>[0]): Promise<void> {
  await ada[Symbol.asyncDispose]();
  await bot[Symbol.asyncDispose]();
  await playground[Symbol.asyncDispose]();
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
