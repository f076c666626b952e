import type { APIMessage } from "discord-api-types/v10";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { MessageId } from "../../../src/chat/ids.ts";
import type { ReplyControls, RewrittenReply } from "../../../src/chat/reply-surface.ts";
import { ReplySplitter } from "../../../src/discord/reply/split-reply.ts";
import {
  ending,
  isShown,
  MESSAGES,
  nextAnswer,
  ONE_MESSAGE,
  startReplyScene,
} from "./reply-scene.ts";
import type { ReplyScene } from "./reply-scene.ts";

const ended: ReplyControls = {
  kind: "ended",
  replyId: 7,
  canContinue: false,
  variant: { number: 1, count: 1 },
  isOutdated: false,
};
const long = Array.from({ length: 400 }, (_, index) => `Word ${index} of many.`).join(" ");

let scene: ReplyScene;
let controlled: MessageId[];
let dropped: MessageId[];

beforeEach(async () => {
  scene = await startReplyScene();
  controlled = [];
  dropped = [];
});

afterEach(async () => {
  await scene[Symbol.asyncDispose]();
});

const saveControls = async (id: MessageId): Promise<void> => void controlled.push(id);
const dropPart = async (id: MessageId): Promise<void> => void dropped.push(id);

function idsOf({ components }: APIMessage): string[] {
  return JSON.stringify(components).match(/reply:\w+(?::\d+)?/g) ?? [];
}

async function rewritten(text: string): Promise<RewrittenReply> {
  const parts = [...scene.saved];
  return { text, parts, lastMessageId: undefined, dropPart };
}

describe("a reply with controls", () => {
  it("can be stopped from its first message on, and has the others at its end", async () => {
    const view = scene.open({ saveControls });
    view.show("One");
    const running = await scene.ada.waitForMessage(isShown("One"));
    expect(idsOf(running)).toEqual(["reply:stop"]);
    await view.finish(ending("One, two", { controls: ended }));
    const [message] = await scene.botMessages();
    expect(message?.content).toBe("One, two");
    expect(idsOf(message as APIMessage)).toEqual(["reply:regenerate:7", "reply:menu:7"]);
    expect(controlled).toEqual([running.id]);
  });

  it("has them under its last message", async () => {
    const view = scene.open({ saveControls });
    await view.finish(ending(long, { controls: ended }));
    const messages = await scene.botMessages();
    expect(messages.length).toBeGreaterThan(2);
    expect(messages.map((message) => idsOf(message).length)).toEqual([
      ...messages.slice(1).map(() => 0),
      2,
    ]);
    expect(controlled).toEqual([messages.at(-1)?.id]);
  });

  it("has a notice that names the button below, only where it is there", async () => {
    const cut = { notice: { kind: "length", maxReplyTokens: 9 } } as const;
    const controls = { ...ended, canContinue: true };
    await scene.open({ saveControls }).finish(ending("One", { ...cut, controls }));
    await scene.open().finish(ending("Two", { ...cut, controls }));
    await scene.open({ saveControls }).finish(ending("Three", { ...cut, controls: ended }));
    expect((await scene.botMessages()).map(({ content }) => content)).toEqual([
      expect.stringContaining("Press Continue or say “go on”"),
      expect.stringContaining(". Say “go on”"),
      expect.stringContaining(". Say “go on”"),
    ]);
  });

  it("has none left when it ended without any", async () => {
    const view = scene.open({ saveControls });
    view.wait({ kind: "queued", place: 1 });
    await scene.ada.waitForMessage(isShown("-# ⏳ You are next in the queue."));
    await view.finish(ending("", { notice: { kind: "empty" } }));
    expect((await scene.botMessages()).map(idsOf)).toEqual([[]]);
  });

  it("arrives without them where Discord refuses them, and asks for no others", async () => {
    scene.playground.faults.answer({ method: "POST", path: MESSAGES, status: 400 });
    const view = scene.open({ saveControls });
    await view.finish(ending("All of it", { controls: ended }));
    const messages = await scene.botMessages();
    expect(messages.map(({ content }) => content)).toEqual(["All of it"]);
    expect([messages.map(idsOf), controlled]).toEqual([[[]], []]);
  });

  it("keeps its words when only the edit with them is refused", async () => {
    const view = scene.open({ saveControls });
    view.show("One");
    await scene.ada.waitForMessage(isShown("One"));
    scene.playground.faults.answer({ method: "PATCH", path: ONE_MESSAGE, status: 400 });
    await view.finish(ending("One, two", { controls: ended }));
    expect(await scene.botContents()).toEqual(["One, two"]);
  });
});

describe("controls of a message that is there", () => {
  it("change without its words", async () => {
    await scene.open({ saveControls }).finish(ending("Hello", { controls: ended }));
    const id = controlled[0] ?? "";
    const changed = nextAnswer(scene.bot.client, "PATCH");
    scene.surface.showControls(scene.place, id as MessageId, undefined);
    await changed;
    const [message] = await scene.botMessages();
    expect([message?.content, idsOf(message as APIMessage)]).toEqual(["Hello", []]);
  });

  it("are quietly left where the message is gone", async () => {
    const id = "100000000000000001" as MessageId;
    const changed = nextAnswer(scene.bot.client, "PATCH");
    scene.surface.showControls(scene.place, id, ended);
    await changed;
    await scene.surface.remove(scene.place, [id]);
    expect(await scene.botContents()).toEqual([]);
  });
});

describe("a reply that is written otherwise", () => {
  it("takes its messages, and deletes those that are too many", async () => {
    await scene.open({ saveControls }).finish(ending(long, { controls: ended }));
    const before = await scene.botMessages();
    const rewrites = await rewritten("");
    const view = scene.open({ saveControls, rewrites });
    view.wait({ kind: "again" });
    await scene.ada.waitForMessage(isShown("-# ↻ Once more…"));
    view.show("Short");
    await view.finish(ending("Short now", { controls: ended }));
    const after = await scene.botMessages();
    expect(after.map(({ id, content }) => [id, content])).toEqual([[before[0]?.id, "Short now"]]);
    expect(dropped.toSorted()).toEqual(
      before
        .slice(1)
        .map(({ id }) => id)
        .toSorted(),
    );
    expect(controlled.at(-1)).toBe(before[0]?.id);
  });

  it("goes on below what it said, and edits only what changes", async () => {
    await scene
      .open({ saveControls })
      .finish(ending(long, { notice: { kind: "context" }, controls: ended }));
    const before = await scene.botMessages();
    const edits = scene.count("PATCH");
    const view = scene.open({ saveControls, rewrites: await rewritten(long) });
    const whole = `${long} And that was all.`;
    view.show(whole);
    await view.finish(ending(whole, { controls: ended }));
    const contents = new ReplySplitter().splitWhole(whole).map(({ content }) => content);
    expect(await scene.botContents()).toEqual(contents);
    expect((await scene.botMessages())[0]?.edited_timestamp).toBe(before[0]?.edited_timestamp);
    expect(scene.count("PATCH")).toBeGreaterThan(edits);
  });

  it("shows no typing sign where it is only shown again", async () => {
    await scene.open({ saveControls }).finish(ending("One", { controls: ended }));
    const posts = scene.count("POST");
    const rewrites = await rewritten("");
    await scene
      .open({ saveControls, rewrites, showsTyping: false })
      .finish(ending("Two", { controls: ended }));
    expect([await scene.botContents(), scene.count("POST")]).toEqual([["Two"], posts]);
  });
});
