import { expect, it } from "vitest";
import type { AdoptedTurns } from "../../../src/chat/adopt/adoption-store.ts";
import { Adoptions } from "../../../src/chat/adopt/adoptions.ts";
import type { AdoptionRequest } from "../../../src/chat/adopt/adoptions.ts";
import type { ArchivedMessage } from "../../../src/chat/adopt/message-archive.ts";
import type { Conversation } from "../../../src/chat/conversation.ts";
import { FamiliarError } from "../../../src/chat/errors.ts";
import { toChannelId, toGuildId, toMessageId } from "../../../src/chat/ids.ts";
import type { ChannelId } from "../../../src/chat/ids.ts";
import { InOrder } from "../../../src/chat/in-order.ts";
import type { Place } from "../../../src/chat/place.ts";
import { InvalidInput } from "../../../src/chat/problem.ts";
import { silentLog } from "../../support/database-log.ts";
import { ada, ben, conversationWith } from "../../support/turns.ts";

const place: Place = {
  kind: "thread",
  id: toChannelId("1"),
  guildId: toGuildId("2"),
  parentId: toChannelId("3"),
};

function written(moment: number, overrides: Partial<ArchivedMessage> = {}): ArchivedMessage {
  return {
    id: toMessageId(String(moment)),
    saidAt: new Date(moment * 1_000),
    kind: "person",
    author: ada,
    text: String(moment),
    quoted: undefined,
    ...overrides,
  };
}

/** A place with its messages, and what is stored of it. */
class Scene {
  readonly events = new InOrder<ChannelId>();
  readonly stored: AdoptedTurns[] = [];
  readonly progress: number[] = [];
  readonly opened: boolean[] = [];
  readonly waits: number[] = [];
  /** Conversations whose turns are to be made ready to be recalled. */
  readonly noted: number[] = [];
  messages: ArchivedMessage[];
  starter: ArchivedMessage | undefined;
  conversation: Conversation | undefined;
  isGone = false;
  requests = 0;
  onRequest: (number: number) => void = () => {};
  readonly adoptions: Adoptions;

  constructor(count: number) {
    this.messages = Array.from({ length: count }, (_, index) => written(1_000 + index));
    this.adoptions = new Adoptions({
      archive: {
        before: async (_place, id) => {
          this.requests += 1;
          const older = this.messages.filter((one) => BigInt(one.id) < BigInt(id));
          this.onRequest(this.requests);
          return older.toReversed().slice(0, 100);
        },
        starterOf: async () => this.starter,
      },
      adoptions: {
        adopt: async (_id, adopted) => {
          if (this.isGone) return undefined;
          this.stored.push(adopted);
          return { added: adopted.turns.length, lowest: -100 * this.stored.length };
        },
        append: async () => true,
      },
      clock: {
        now: () => 0,
        date: () => new Date(0),
        wait: async (ms) => void this.waits.push(ms),
      },
      conversations: {
        find: async () => this.conversation,
        open: async ({ isParticipant }) => {
          this.opened.push(isParticipant);
          return conversationWith({ place });
        },
        edge: async () => ({ earlierTurns: 0, message: undefined }),
      },
      events: this.events,
      log: silentLog,
      recollection: { note: (id) => void this.noted.push(id) },
      withheld: {
        hasOptedOut: async (authorId) => authorId === ben.id,
        isForgotten: async (_place, { authorId }) => authorId === ben.id,
        mayStore: async (_place, { authorId }) => authorId !== ben.id,
        toQuotable: async (_place, quoted) => (quoted?.author?.id === ben.id ? undefined : quoted),
      },
    });
  }

  get texts(): string[] {
    return this.stored.toReversed().flatMap(({ turns }) => turns.map(({ text }) => text));
  }

  async adopt(overrides: Partial<AdoptionRequest> = {}) {
    return await this.adoptions.adopt({
      place,
      before: toMessageId("99999"),
      maxMessages: 20_000,
      since: undefined,
      onProgress: ({ readMessages }) => void this.progress.push(readMessages),
      ...overrides,
    });
  }
}

it("reads page by page to the beginning, and keeps everything in its order", async () => {
  const scene = new Scene(250);
  expect(await scene.adopt()).toEqual({
    readMessages: 250,
    adoptedTurns: 250,
    withheldMessages: 0,
    oldest: new Date(1_000_000),
    ending: "beginning",
  });
  expect(scene.texts).toEqual(Array.from({ length: 250 }, (_, index) => String(1_000 + index)));
  expect(scene.progress).toEqual([100, 200, 250]);
  expect(scene.opened).toEqual([false]);
  expect(scene.stored.every(({ isInView }) => isInView)).toBe(true);
  expect(scene.stored.map(({ below }) => below)).toEqual([undefined, -100, -200]);
});

it("leaves what is older out of the view where there is a conversation", async () => {
  const scene = new Scene(10);
  scene.conversation = conversationWith({ place });
  await scene.adopt();
  expect(scene.opened).toEqual([]);
  expect(scene.stored.map(({ isInView }) => isInView)).toEqual([false]);
});

it("begins a thread with the message that it hangs on", async () => {
  const scene = new Scene(2);
  scene.starter = written(1, { text: "Started" });
  expect(await scene.adopt()).toMatchObject({ readMessages: 3, adoptedTurns: 3 });
  expect(scene.texts).toEqual(["Started", "1000", "1001"]);
});

it("keeps what people and Familiar said, and counts what it cannot read", async () => {
  const scene = new Scene(0);
  scene.messages = [
    written(1),
    written(2, { kind: "other" }),
    written(3, { kind: "familiar", text: "Mine" }),
    written(4, { kind: "withheld", text: "" }),
  ];
  expect(await scene.adopt()).toMatchObject({ adoptedTurns: 2, withheldMessages: 1 });
  expect(scene.stored[0]?.turns).toMatchObject([
    { speaker: ada, text: "1" },
    { speaker: undefined, text: "Mine" },
  ]);
});

it("says what a message replies to, unless that stands right before it and is Familiar's", async () => {
  const scene = new Scene(0);
  const [mine, other] = [written(1, { kind: "familiar", text: "Mine" }), written(2)];
  const toMine = { messageId: mine.id, author: undefined, text: "Mine" };
  scene.messages = [
    mine,
    other,
    written(3, { quoted: { messageId: other.id, author: ada, text: "2" } }),
    written(4, { kind: "familiar", text: "Mine" }),
    written(5, { quoted: { ...toMine, messageId: toMessageId("4") } }),
    written(6, { quoted: toMine }),
  ];
  await scene.adopt();
  expect(scene.texts).toEqual([
    "Mine",
    "2",
    '[replying to: Ada, "2"]\n3',
    "Mine",
    "5",
    '[replying to: you, "Mine"]\n6',
  ]);
});

it("leaves out whose words are not to be stored, also where others quote them", async () => {
  const scene = new Scene(0);
  const quoted = { messageId: toMessageId("1"), author: ben, text: "1" };
  scene.messages = [written(1, { author: ben }), written(2, { quoted })];
  expect(await scene.adopt()).toMatchObject({ readMessages: 2, adoptedTurns: 1 });
  expect(scene.texts).toEqual(["2"]);
});

it("leaves out what Familiar replied to someone who is forgotten, and says whom it answers", async () => {
  const scene = new Scene(0);
  const quoted = { messageId: toMessageId("1"), author: ben, text: "1" };
  scene.messages = [
    written(1, { author: ben }),
    written(2, { kind: "familiar", text: "To Ben" }),
    written(3),
    written(4, { kind: "familiar", text: "To Ada" }),
    written(5, { kind: "familiar", text: "More to Ada" }),
    written(6, { kind: "familiar", text: "More to Ben", quoted }),
  ];
  await scene.adopt();
  expect(scene.stored[0]?.turns).toMatchObject([
    { text: "3" },
    { text: "To Ada", askedBy: ada.id },
    { text: "More to Ada", askedBy: ada.id },
  ]);
});

it("knows whom a reply answers where a page ends between them", async () => {
  const scene = new Scene(0);
  scene.messages = [
    written(1, { author: ben }),
    written(2, { kind: "familiar", text: "To Ben" }),
    written(3, { kind: "familiar", text: "More to Ben" }),
    ...Array.from({ length: 98 }, (_, index) => written(10 + index)),
  ];
  expect(await scene.adopt()).toMatchObject({ readMessages: 101, ending: "beginning" });
  expect(scene.texts).toEqual(Array.from({ length: 98 }, (_, index) => String(10 + index)));
  expect(scene.requests).toBe(2);
});

it("takes no chat from a file for someone who has opted out", async () => {
  const scene = new Scene(0);
  const words = { character: undefined, texts: ["Hi"], shown: 0, saidAt: new Date(0) };
  const said = { role: "user", speaker: ben, ...words } as const;
  await expect(scene.adoptions.append(place, [said])).rejects.toMatchObject({
    problem: { kind: "import-opted-out" },
  });
  expect(scene.opened).toEqual([]);
  await scene.adoptions.append(place, [{ ...said, speaker: ada }]);
  expect(scene.opened).toEqual([true]);
});

it("reads no further than it was asked to", async () => {
  const few = new Scene(250);
  expect(await few.adopt({ maxMessages: 120 })).toMatchObject({
    readMessages: 120,
    ending: "limit",
  });
  expect(few.texts[0]).toBe("1130");
  const recent = new Scene(250);
  const since = new Date(1_195_000);
  expect(await recent.adopt({ since })).toMatchObject({ readMessages: 55, ending: "limit" });
  expect(recent.texts[0]).toBe("1195");
  expect(recent.requests).toBe(1);
});

it("stops when it is told to, and keeps what it has", async () => {
  const scene = new Scene(500);
  const stopped: boolean[] = [];
  scene.onRequest = (number) => {
    if (number === 3) stopped.push(scene.adoptions.stop(place.id));
  };
  expect(await scene.adopt()).toMatchObject({ readMessages: 200, ending: "stopped" });
  expect(scene.requests).toBe(3);
  expect([...stopped, scene.adoptions.stop(place.id)]).toEqual([true, false]);
});

it("reads a place once at a time", async () => {
  const scene = new Scene(10);
  const first = scene.adopt();
  await expect(scene.adopt()).rejects.toMatchObject({ problem: { kind: "adoption-under-way" } });
  await first;
  expect(await scene.adopt()).toMatchObject({ readMessages: 10 });
});

it("reads a page again where something was taken back meanwhile", async () => {
  const scene = new Scene(50);
  scene.onRequest = (number) => {
    if (number > 1) return;
    // After the page was read, and before it is stored.
    scene.messages = scene.messages.filter(({ id }) => id !== "1020");
    scene.adoptions.noteChange(place.id);
  };
  expect(await scene.adopt()).toMatchObject({ readMessages: 49 });
  expect(scene.requests).toBe(2);
  expect(scene.texts).not.toContain("1020");
});

it("tries again when Discord fails, and keeps what it has when it goes on failing", async () => {
  const scene = new Scene(250);
  scene.onRequest = (number) => {
    if (number === 2) throw new FamiliarError("discord-failed", "Broken");
  };
  expect(await scene.adopt()).toMatchObject({ readMessages: 250, ending: "beginning" });
  expect(scene.waits).toEqual([2_000]);
  const broken = new Scene(250);
  broken.onRequest = (number) => {
    if (number > 1) throw new FamiliarError("discord-failed", "Broken");
  };
  expect(await broken.adopt()).toMatchObject({ readMessages: 100, ending: "failed" });
});

it("says at once where it may not read", async () => {
  const scene = new Scene(10);
  scene.onRequest = () => {
    throw new InvalidInput({ kind: "messages-unreadable" });
  };
  await expect(scene.adopt()).rejects.toMatchObject({ problem: { kind: "messages-unreadable" } });
  expect(scene.opened).toEqual([]);
});

it("does not bring back a conversation that was deleted meanwhile", async () => {
  const scene = new Scene(250);
  scene.onRequest = (number) => {
    scene.isGone = number === 2;
  };
  expect(await scene.adopt()).toMatchObject({ ending: "gone" });
  expect(scene.opened).toHaveLength(1);
});

it("stores nothing more once it is closed", async () => {
  const scene = new Scene(500);
  let closing: Promise<void> | undefined;
  scene.onRequest = (number) => {
    if (number === 2) closing = scene.adoptions.close();
  };
  expect(await scene.adopt()).toMatchObject({ readMessages: 100, ending: "stopped" });
  await closing;
  expect(scene.stored).toHaveLength(1);
});

it("has what was read or imported made ready to be recalled", async () => {
  const scene = new Scene(3);
  await scene.adopt();
  expect(scene.noted).toEqual([7]);
  await scene.adoptions.append(place, []);
  expect(scene.noted).toEqual([7, 7]);
});
