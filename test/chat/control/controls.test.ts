import { beforeEach, expect, it } from "vitest";
import type { Controller } from "../../../src/chat/control/assert-control.ts";
import { toChannelId, toGuildId, toMessageId } from "../../../src/chat/ids.ts";
import type { MessageId } from "../../../src/chat/ids.ts";
import type { Place } from "../../../src/chat/place.ts";
import { endUnseen, markInterrupted } from "../../../src/chat/catch-up/recovery.ts";
import type { ReplySurface } from "../../../src/chat/reply-surface.ts";
import type { UnfinishedReply } from "../../../src/chat/conversation.ts";
import type { Store } from "../../../src/store/open-store.ts";
import { ControlsWorld, newId } from "../../support/controls-world.ts";
import { provideStore } from "../../support/provide-store.ts";
import { silentLog } from "../../support/database-log.ts";
import { ada, ben, saidMessage } from "../../support/turns.ts";

const asker: Controller = { speaker: ada, isModerator: false };
const other: Controller = { speaker: ben, isModerator: false };
const moderator: Controller = { speaker: ben, isModerator: true };

let store: Store;
let world: ControlsWorld;
let place: Place;

provideStore("PGlite", (provided) => {
  ({ store } = provided);
});

beforeEach(() => {
  world = new ControlsWorld(store);
  const guildId = toGuildId(newId());
  place = { kind: "thread", id: toChannelId(newId()), guildId, parentId: toChannelId(newId()) };
});

/** Has Ada say something, and the reply written. */
async function hear(text: string): Promise<MessageId> {
  const id = toMessageId(newId());
  const message = saidMessage({ id, place, text, mentionsFamiliar: true });
  await world.untilReplied(() => world.familiar.hear(message));
  return id;
}

async function texts(): Promise<string[]> {
  const conversation = await store.conversations.find(place.id);
  if (conversation === undefined) return [];
  return (await store.conversations.view(conversation)).map(({ text }) => text);
}

it("need a reply", async () => {
  const { controls } = world.familiar;
  const request = { place, by: moderator };
  await expect(controls.regenerate(request)).rejects.toThrow("reply-unknown");
  await expect(controls.undo(request)).rejects.toThrow("nothing-to-undo");
  await expect(controls.stop(request)).rejects.toThrow("nothing-to-stop");
});

it("are for the asker and for moderators, where something is taken away", async () => {
  const { controls } = world.familiar;
  const said = await hear("Hello");
  const request = { place, by: other };
  const refusal = "not-asker";
  await expect(controls.regenerate(request)).rejects.toThrow(refusal);
  await expect(controls.deleteReply(request)).rejects.toThrow(refusal);
  await expect(controls.undo(request)).rejects.toThrow(refusal);
  await expect(controls.forget(request, { id: said, author: ada.id })).rejects.toThrow(refusal);
  await expect(controls.say(request, "Me too")).rejects.toThrow("not-moderator");
  await controls.undo({ place, by: asker });
  expect(await texts()).toEqual([]);
});

it("name nobody whose reply is not known: then a moderator forgets it", async () => {
  const { controls } = world.familiar;
  await hear("One");
  const shown = world.shown.in(place)[0]?.id ?? toMessageId("1");
  await hear("Two");
  const own = { id: shown, author: undefined };
  await expect(controls.forget({ place, by: asker }, own)).rejects.toThrow("not-moderator");
  await controls.forget({ place, by: moderator }, own);
  expect(world.shown.in(place).map(({ id }) => id)).not.toContain(shown);
});

it("are for the last reply alone", async () => {
  const { controls } = world.familiar;
  await hear("One");
  const conversation = await store.conversations.find(place.id);
  const first = await store.replies.last(conversation?.id ?? 0);
  const before = world.shown.in(place)[0]?.id;
  await hear("Two");
  const refusal = "reply-not-last";
  const request = { place, by: moderator };
  const replyId = first?.variants[0]?.id;
  await expect(controls.regenerate({ ...request, replyId })).rejects.toThrow(refusal);
  await expect(controls.regenerate({ ...request, messageId: before })).rejects.toThrow(refusal);
});

it("say where there is no more: of variants, of a reply that had ended, of threads", async () => {
  const { controls } = world.familiar;
  await hear("One");
  const request = { place, by: asker };
  await expect(controls.step(request, 1)).rejects.toThrow("variant-missing");
  await expect(controls.goOn(request)).rejects.toThrow("reply-complete");
  const direct: Place = { kind: "direct", id: place.id };
  await expect(controls.turnToFork({ place: direct, by: asker })).rejects.toThrow(
    "threads-impossible",
  );
  const unknown = { place, by: asker, messageId: toMessageId("1") };
  await expect(controls.turnToFork(unknown)).rejects.toThrow("message-unknown");
  await expect(controls.forget(request, { id: toMessageId("1"), author: ada.id })).rejects.toThrow(
    "message-unknown",
  );
});

it("have a reply gone on with by anyone who may write", async () => {
  for (const text of ["One", "Two", "Three"]) await hear(text);
  const before = (await texts()).at(-1) ?? "";
  await world.untilReplied(() => world.familiar.controls.goOn({ place, by: other }));
  const after = (await texts()).at(-1) ?? "";
  expect(after.startsWith(before) && after.length > before.length).toBe(true);
});

it("take up the messages that are left, each once, after one was deleted", async () => {
  const { controls } = world.familiar;
  await controls.say({ place, by: moderator }, "two messages long");
  const [first, second] = world.shown.in(place);
  await world.shown.remove(place, [first?.id ?? toMessageId("1")]);
  for (const _ of ["once", "twice"]) {
    await world.untilReplied(() => controls.regenerate({ place, by: moderator }));
  }
  const shown = world.shown.in(place);
  expect(shown[0]?.id).toBe(second?.id);
  expect([shown.map(({ text }) => text).join("")]).toEqual(await texts());
});

it("show what was there before, after a crash cut the first words of another variant off", async () => {
  await hear("One");
  const conversation = await store.conversations.find(place.id);
  const last = await store.replies.last(conversation?.id ?? 0);
  if (last === undefined) throw new Error("There is no reply");
  await store.replies.beginVariant(last.turnId, { model: "demo", askedBy: ada.id });
  const marked: UnfinishedReply[] = [];
  const surface: ReplySurface = {
    ...world.surface,
    markInterrupted: async (reply) => void marked.push(reply),
  };
  const { conversations, replies } = store;
  for (const unfinished of await endUnseen({ replies })) {
    await markInterrupted({ conversations, replies, log: silentLog, surface }, unfinished);
  }
  const [shown] = last.variants;
  expect(marked).toMatchObject([{ replyId: shown?.id, text: shown?.text }]);
  expect(await texts()).toEqual(["One", shown?.text]);
  expect(world.shown.in(place)[0]?.controls).toMatchObject({ kind: "ended", replyId: shown?.id });
});
