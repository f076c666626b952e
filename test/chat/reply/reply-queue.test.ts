// Lets everything happen that waits for nothing but promises.
import { setImmediate as settle } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { ChannelId, MessageId } from "../../../src/chat/ids.ts";
import { toChannelId, toMessageId } from "../../../src/chat/ids.ts";
import { ReplyQueue, ReplyStopped } from "../../../src/chat/reply/reply-queue.ts";
import type { AskingMessage } from "../../../src/chat/reply/asking-message.ts";
import type { ReadTurn } from "../../../src/chat/reply/read-turns.ts";
import type { WriteReply } from "../../../src/chat/reply/reply-queue.ts";
import { ada, ben } from "../../support/turns.ts";

const here = toChannelId("1");
const there = toChannelId("2");
const [first, second] = [toMessageId("11"), toMessageId("12")];
const [third, fourth] = [toMessageId("13"), toMessageId("14")];

/** A message of the conversation with this id, or how far that was read. */
const turn = (position: number, conversationId = 7) => ({ conversationId, position });

interface Written {
  readonly placeId: ChannelId;
  readonly newest: MessageId | undefined;
  readonly signal: AbortSignal;
  readonly takeWaiting: () => void;
  readonly answerUpTo: (read: ReadTurn) => void;
  /** Ends the reply, and comes back when the queue has seen it. */
  readonly end: () => Promise<void>;
}

/** Replies that go on until the test ends them. */
class Desk {
  readonly queue = new ReplyQueue();
  readonly replies: Written[] = [];

  ask(placeId: ChannelId, ...messageIds: readonly MessageId[]): void {
    void this.asked(placeId, ...messageIds);
  }

  asked(placeId: ChannelId, ...messageIds: readonly MessageId[]): Promise<void> {
    const messages = messageIds.map((id): AskingMessage => ({ id, author: ada }));
    return this.queue.ask(placeId, messages, this.#writerIn(placeId));
  }

  say(placeId: ChannelId, message: AskingMessage): void {
    void this.queue.ask(placeId, [message], this.#writerIn(placeId));
  }

  /** The newest message of each reply so far. */
  get answered(): (MessageId | undefined)[] {
    return this.replies.map(({ newest }) => newest);
  }

  reply(index: number): Written {
    const reply = this.replies[index];
    if (reply === undefined) throw new Error(`There is no reply ${index}`);
    return reply;
  }

  reasonOf(index: number): unknown {
    const { signal } = this.reply(index);
    return signal.aborted ? (signal.reason as ReplyStopped).reason : undefined;
  }

  #writerIn(placeId: ChannelId): WriteReply {
    return ({ answerUpTo, newest, signal, takeWaiting }) =>
      new Promise((resolve) => {
        const end = async (): Promise<void> => {
          resolve();
          await settle();
        };
        this.replies.push({ placeId, newest: newest?.id, signal, answerUpTo, takeWaiting, end });
      });
  }
}

it("begins a reply at once and names the newest message", () => {
  const desk = new Desk();
  desk.ask(here, first, second);
  expect(desk.answered).toEqual([second]);
});

it("writes one reply at a time in a place", async () => {
  const desk = new Desk();
  desk.ask(here, first);
  desk.ask(here, second);
  await settle();
  expect(desk.answered).toEqual([first]);
  await desk.reply(0).end();
  expect(desk.answered).toEqual([first, second]);
});

it("writes in many places at once", () => {
  const desk = new Desk();
  const places = Array.from({ length: 100 }, (_place, index) => toChannelId(String(index + 1)));
  for (const place of places) desk.ask(place, first);
  expect(desk.replies.map(({ placeId }) => placeId)).toEqual(places);
});

it("answers together what came during a reply, after it", async () => {
  const desk = new Desk();
  desk.ask(here, first);
  desk.ask(here, second);
  desk.ask(here, third);
  await desk.reply(0).end();
  expect(desk.answered).toEqual([first, third]);
  await desk.reply(1).end();
  expect(desk.replies).toHaveLength(2);
});

it("comes back to who asks when the reply under way has ended", async () => {
  const desk = new Desk();
  const back: MessageId[] = [];
  void desk.asked(here, first).then(() => back.push(first));
  void desk.asked(here, second).then(() => back.push(second));
  await settle();
  expect(back).toEqual([]);
  await desk.reply(0).end();
  expect(back).toEqual([first, second]);
});

describe("a reply that has not read its conversation yet", () => {
  it("answers what came meanwhile as well", async () => {
    const desk = new Desk();
    desk.ask(here, first);
    desk.ask(here, second);
    desk.ask(here);
    desk.reply(0).takeWaiting();
    await desk.reply(0).end();
    expect(desk.answered).toEqual([first]);
  });

  it("stops when all of that was taken back", () => {
    const desk = new Desk();
    desk.ask(here, first);
    desk.ask(here, second);
    desk.reply(0).takeWaiting();
    desk.queue.takeBack(here, [first]);
    expect(desk.reasonOf(0)).toBeUndefined();
    desk.queue.takeBack(here, [second]);
    expect(desk.reasonOf(0)).toBe("aborted");
  });
});

describe("a message that a reply has read before it asks", () => {
  it("is not answered once more", async () => {
    const desk = new Desk();
    const say = (id: MessageId, position: number): void =>
      desk.say(here, { id, author: ada, ...turn(position) });
    say(first, 0);
    desk.reply(0).takeWaiting();
    desk.reply(0).answerUpTo(turn(1));
    say(second, 1);
    await desk.reply(0).end();
    expect(desk.answered).toEqual([first]);
    say(second, 1);
    expect(desk.answered).toEqual([first]);
    say(third, 2);
    desk.reply(1).answerUpTo(turn(2));
    say(fourth, 3);
    await desk.reply(1).end();
    expect(desk.answered).toEqual([first, third, fourth]);
  });

  it("keeps the reply going where the message that began it is taken back", async () => {
    const desk = new Desk();
    desk.say(here, { id: first, author: ada, ...turn(0) });
    desk.reply(0).takeWaiting();
    desk.say(here, { id: second, author: ben, ...turn(1) });
    desk.reply(0).answerUpTo(turn(2));
    desk.say(here, { id: third, author: ben, ...turn(2) });
    desk.queue.takeBack(here, [first, second]);
    expect(desk.reasonOf(0)).toBeUndefined();
    desk.queue.takeBack(here, [third]);
    expect(desk.reasonOf(0)).toBe("aborted");
    await desk.reply(0).end();
    expect(desk.answered).toEqual([first]);
  });

  it("is answered by the next where that reply was taken back", async () => {
    const desk = new Desk();
    desk.say(here, { id: first, author: ada, ...turn(0) });
    desk.reply(0).takeWaiting();
    desk.reply(0).answerUpTo(turn(1));
    desk.queue.takeBack(here, [first]);
    desk.say(here, { id: second, author: ben, ...turn(1) });
    await desk.reply(0).end();
    expect(desk.answered).toEqual([first, second]);
  });

  it("is answered by the next where that reply was taken back before it had read", async () => {
    const desk = new Desk();
    desk.say(here, { id: first, author: ada, ...turn(0) });
    desk.reply(0).takeWaiting();
    desk.queue.takeBack(here, [first]);
    desk.say(here, { id: second, author: ben, ...turn(1) });
    desk.reply(0).answerUpTo(turn(1));
    await desk.reply(0).end();
    expect(desk.answered).toEqual([first, second]);
  });

  it("is told apart from one of the conversation that the place had before", async () => {
    const desk = new Desk();
    desk.say(here, { id: first, author: ada, ...turn(56) });
    desk.reply(0).answerUpTo(turn(56));
    await desk.reply(0).end();
    expect(desk.queue.isSeen(here, turn(0))).toBe(true);
    expect(desk.queue.isSeen(here, turn(0, 8))).toBe(false);
    desk.say(here, { id: second, author: ada, ...turn(0, 8) });
    expect(desk.answered).toEqual([first, second]);
  });
});

it("knows when all that is being written has ended", async () => {
  const desk = new Desk();
  expect(desk.queue.underWay()).toBeUndefined();
  desk.ask(here, first);
  desk.ask(there, second);
  let hasEnded = false;
  const ended = desk.queue.underWay()?.then(() => (hasEnded = true));
  await desk.reply(0).end();
  expect(desk.queue.underWay(here)).toBeUndefined();
  expect(hasEnded).toBe(false);
  await desk.reply(1).end();
  await ended;
});

it("begins anew in a place after its reply has ended", async () => {
  const desk = new Desk();
  desk.ask(here, first);
  await desk.reply(0).end();
  desk.ask(here, second);
  expect(desk.answered).toEqual([first, second]);
});

it("writes a reply to messages that nobody knows by id", async () => {
  const desk = new Desk();
  desk.ask(here);
  desk.ask(here);
  await desk.reply(0).end();
  expect(desk.answered).toEqual([undefined, undefined]);
});

describe("stop", () => {
  it("aborts the reply of its place alone, with the reason", () => {
    const desk = new Desk();
    desk.ask(here, first);
    desk.ask(there, second);
    void desk.queue.stop(here, new ReplyStopped("unreachable"));
    expect(desk.reasonOf(0)).toBe("unreachable");
    expect(desk.reasonOf(1)).toBeUndefined();
  });

  it("comes back when the reply has ended", async () => {
    const desk = new Desk();
    desk.ask(here, first);
    let isBack = false;
    const stopped = desk.queue.stop(here, new ReplyStopped("aborted")).then(() => (isBack = true));
    await settle();
    expect(isBack).toBe(false);
    await desk.reply(0).end();
    await stopped;
  });

  it("drops the reply that was to follow", async () => {
    const desk = new Desk();
    desk.ask(here, first);
    desk.ask(here, second);
    desk.ask(here);
    const stopped = desk.queue.stop(here, new ReplyStopped("aborted"));
    await desk.reply(0).end();
    await stopped;
    expect(desk.answered).toEqual([first]);
  });

  it("lets what comes after it be answered", async () => {
    const desk = new Desk();
    desk.ask(here, first);
    const stopped = desk.queue.stop(here, new ReplyStopped("aborted"));
    desk.ask(here, second);
    await desk.reply(0).end();
    await stopped;
    expect(desk.answered).toEqual([first, second]);
  });

  it("comes back at once where nothing is being written", async () => {
    await expect(new Desk().queue.stop(here, new ReplyStopped("aborted"))).resolves.toBeUndefined();
  });
});

describe("takeBack", () => {
  it("stops a reply whose messages were all taken back", () => {
    const desk = new Desk();
    desk.ask(here, first, second);
    desk.queue.takeBack(here, [first]);
    expect(desk.reasonOf(0)).toBeUndefined();
    desk.queue.takeBack(here, [second]);
    expect(desk.reasonOf(0)).toBe("aborted");
  });

  it("goes on with what came meanwhile", async () => {
    const desk = new Desk();
    desk.ask(here, first);
    desk.ask(here, second);
    desk.queue.takeBack(here, [first]);
    await desk.reply(0).end();
    expect(desk.answered).toEqual([first, second]);
  });

  it("leaves alone a reply to other messages, and other places", () => {
    const desk = new Desk();
    desk.ask(here, first);
    desk.queue.takeBack(here, [second]);
    desk.queue.takeBack(there, [first]);
    expect(desk.reasonOf(0)).toBeUndefined();
  });

  it("leaves alone a reply to messages that nobody knows by id", () => {
    const desk = new Desk();
    desk.ask(here);
    desk.queue.takeBack(here, [first]);
    expect(desk.reasonOf(0)).toBeUndefined();
  });

  it("writes no reply to a message that was taken back while it waited", async () => {
    const desk = new Desk();
    desk.ask(here, first);
    desk.ask(here, second);
    desk.queue.takeBack(here, [second]);
    await desk.reply(0).end();
    expect(desk.answered).toEqual([first]);
  });

  it("names the newest message that is still there", async () => {
    const desk = new Desk();
    desk.ask(here);
    desk.ask(here, first, second);
    desk.queue.takeBack(here, [second]);
    await desk.reply(0).end();
    expect(desk.answered).toEqual([undefined, first]);
  });

  it("writes no reply to a message that came and went while a stopped reply ended", async () => {
    const desk = new Desk();
    desk.ask(here, first);
    desk.queue.takeBack(here, [first]);
    desk.ask(here, second);
    desk.queue.takeBack(here, [second]);
    await desk.reply(0).end();
    expect(desk.answered).toEqual([first]);
  });
});

describe("close", () => {
  it("waits for the replies under way and begins no more", async () => {
    const desk = new Desk();
    desk.ask(here, first);
    desk.ask(here, second);
    desk.ask(there, third);
    let isClosed = false;
    const closed = desk.queue.close().then(() => (isClosed = true));
    desk.ask(toChannelId("3"), first);
    await desk.reply(0).end();
    expect(isClosed).toBe(false);
    await desk.reply(1).end();
    await closed;
    expect(desk.answered).toEqual([first, third]);
  });

  it("comes back at once where nothing is being written", async () => {
    await expect(new Desk().queue.close()).resolves.toBeUndefined();
  });
});

it("interrupts every reply under way", () => {
  const desk = new Desk();
  desk.ask(here, first);
  desk.ask(there, second);
  desk.queue.interrupt();
  expect([desk.reasonOf(0), desk.reasonOf(1)]).toEqual(["interrupted", "interrupted"]);
});

describe("someone who is to be forgotten", () => {
  it("has the reply to them stopped, and gets none any more", async () => {
    const desk = new Desk();
    desk.ask(here, first);
    desk.ask(here, second);
    const taken = desk.queue.takeBackAll(here, ada.id);
    expect(desk.reasonOf(0)).toBe("aborted");
    await desk.reply(0).end();
    await taken;
    expect(desk.answered).toEqual([first]);
  });

  it("stops nobody else's", async () => {
    const desk = new Desk();
    desk.ask(here, first);
    await desk.queue.takeBackAll(here, ben.id);
    await desk.queue.takeBackAll(there, ada.id);
    expect(desk.reasonOf(0)).toBeUndefined();
  });
});

describe("someone else", () => {
  it("is answered by the next where they ask only after a reply that has read them was stopped", async () => {
    const desk = new Desk();
    desk.say(here, { id: first, author: ada, ...turn(0) });
    desk.reply(0).takeWaiting();
    desk.reply(0).answerUpTo(turn(1));
    const taken = desk.queue.takeBackAll(here, ada.id);
    desk.say(here, { id: second, author: ben, ...turn(1) });
    await desk.reply(0).end();
    await taken;
    expect(desk.answered).toEqual([first, second]);
  });

  it("has a reply to them as well written anew, before what came meanwhile", async () => {
    const desk = new Desk();
    desk.say(here, { id: first, author: ben, ...turn(0) });
    desk.reply(0).takeWaiting();
    desk.reply(0).answerUpTo(turn(1));
    desk.say(here, { id: second, author: ada, ...turn(1) });
    desk.say(here, { id: third, author: ben, ...turn(2) });
    const taken = desk.queue.takeBackAll(here, ada.id);
    expect(desk.reasonOf(0)).toBe("aborted");
    await desk.reply(0).end();
    await taken;
    expect(desk.answered).toEqual([first, third]);
    desk.queue.takeBack(here, [third]);
    expect(desk.reasonOf(1)).toBeUndefined();
  });

  it("is not answered twice where all of the reply to them was written", async () => {
    const queue = new ReplyQueue();
    let written = 0;
    const asked = [
      { id: first, author: ada },
      { id: second, author: ben },
    ];
    const ended = queue.ask(here, asked, async ({ startEnding }) => {
      written += 1;
      startEnding();
      await settle();
    });
    await queue.takeBackAll(here, ada.id);
    await ended;
    expect([written, queue.isRunning(here)]).toEqual([1, false]);
  });
});

it("changes what is not stored until it is read, and nothing else", async () => {
  const queue = new ReplyQueue();
  const unstored = { speaker: ada, text: "Old", saidAt: new Date() };
  const messages = [
    { id: first, author: ada, unstored },
    { id: second, author: ada },
  ];
  let read: () => readonly AskingMessage[] = () => [];
  void queue.ask(here, messages, async ({ answering }) => {
    read = answering;
    await settle();
  });
  expect(await queue.reword(here, first, async () => "New")).toBe(true);
  expect(await queue.reword(here, second, async () => "New")).toBe(false);
  expect(await queue.reword(there, first, async () => "New")).toBe(false);
  expect(read().map((message) => message.unstored?.text)).toEqual(["New", undefined]);
});
