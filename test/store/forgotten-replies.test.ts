import { beforeEach, describe, expect, it } from "vitest";
import type { Conversation } from "../../src/chat/conversation.ts";
import { toChannelId, toGuildId, toMessageId, toUserId } from "../../src/chat/ids.ts";
import type { GuildId, MessageId } from "../../src/chat/ids.ts";
import type { Speaker } from "../../src/chat/place.ts";
import type { QuotedMessage } from "../../src/chat/ports.ts";
import type { PersonIn, Step } from "../../src/chat/privacy/privacy-store.ts";
import type { Store } from "../../src/store/open-store.ts";
import { DATABASE_KINDS } from "../support/database.ts";
import { provideStore } from "../support/provide-store.ts";

const ben: Speaker = { id: toUserId("502"), name: "Ben" };
const REPLY = "Got it: Xylophonkoffer";
const QUOTE = `[replying to: you, "${REPLY}"]\n`;

let lastId = 1_100_000_000_000_000_000n;

function newId(): string {
  lastId += 1n;
  return String(lastId);
}

async function untilDone(take: () => Promise<Step>): Promise<void> {
  while (!(await take()).isDone);
}

describe.each(DATABASE_KINDS)("a reply to someone who is forgotten, on %s", (kind) => {
  let store: Store;
  let ann: Speaker;
  let annEverywhere: PersonIn;

  beforeEach(() => {
    ann = { id: toUserId(newId()), name: "Ann" };
    annEverywhere = { userId: ann.id, scope: { kind: "everywhere" } };
  });

  provideStore(kind, (provided) => {
    ({ store } = provided);
  });

  async function open(guildId: GuildId = toGuildId(newId())): Promise<Conversation> {
    const place = { kind: "channel", id: toChannelId(newId()), guildId } as const;
    return await store.conversations.open({ place, isParticipant: false });
  }

  async function say(
    { id }: Conversation,
    speaker: Speaker,
    { quoted, text }: { readonly text: string; readonly quoted?: QuotedMessage },
  ): Promise<MessageId> {
    const messageId = toMessageId(newId());
    const turn = { messageId, role: "user", speaker, text, quoted } as const;
    await store.conversations.record(id, turn);
    return messageId;
  }

  async function reply({ id }: Conversation, by: Speaker, others: readonly Speaker[] = []) {
    const alsoAskedBy = others.map((other) => other.id);
    const asked = { model: "demo", askedBy: by.id, alsoAskedBy };
    const replyId = await store.replies.begin(id, asked);
    const messageId = toMessageId(newId());
    await store.replies.savePart(replyId, { messageId, index: 0, start: 0, end: REPLY.length });
    const ended = { text: REPLY, thoughts: undefined, reason: "stop" } as const;
    await store.replies.end(replyId, { ...ended, usage: undefined, count: undefined });
    return messageId;
  }

  async function textsOf({ place }: Pick<Conversation, "place">): Promise<string[]> {
    const texts: string[] = [];
    for await (const page of store.conversations.history(place.id)) {
      texts.push(...page.map(({ text }) => text));
    }
    return texts;
  }

  it("goes where it answers others as well", async () => {
    const conversation = await open();
    await say(conversation, ann, { text: "Remember it" });
    await say(conversation, ben, { text: "Hi" });
    await reply(conversation, ben, [ann]);
    expect(await store.privacy.held(annEverywhere)).toMatchObject([{ replies: 1 }]);
    const { words } = await store.privacy.askedReplies(annEverywhere, undefined);
    expect(words).toMatchObject([{ text: REPLY }]);
    await untilDone(() => store.privacy.forgetWords(annEverywhere));
    expect(await store.privacy.concerned(annEverywhere)).toMatchObject([{ id: conversation.id }]);
    await untilDone(() => store.privacy.forgetReplies(annEverywhere));
    expect(await textsOf(conversation)).toEqual(["Hi"]);
    expect(await store.privacy.held(annEverywhere)).toEqual([]);
  });

  it("goes where someone joined in while it was written", async () => {
    const conversation = await open();
    const replyId = await store.replies.begin(conversation.id, { model: "demo", askedBy: ben.id });
    const ended = { text: REPLY, thoughts: undefined, reason: "stop" } as const;
    const rest = { usage: undefined, count: undefined, alsoAskedBy: [ann.id] };
    await store.replies.end(replyId, { ...ended, ...rest });
    expect(await textsOf(conversation)).toEqual([REPLY]);
    await untilDone(() => store.privacy.forgetReplies(annEverywhere));
    expect(await textsOf(conversation)).toEqual([]);
  });

  it("stays where only the asking is forgotten, and says no longer who asked", async () => {
    const conversation = await open();
    await reply(conversation, ben, [ann]);
    await untilDone(() => store.privacy.forgetAsking(annEverywhere));
    expect(await textsOf(conversation)).toEqual([REPLY]);
    expect(await store.privacy.held(annEverywhere)).toEqual([]);
    expect(await store.replies.last(conversation.id)).toMatchObject({ askedBy: ben.id });
  });

  it("is not read back in, whoever adopts the place", async () => {
    const conversation = await open();
    const messageId = await reply(conversation, ann);
    await untilDone(() => store.privacy.forgetReplies(annEverywhere));
    const turns = [{ messageId, speaker: undefined, text: REPLY, saidAt: new Date() }];
    const adopted = await store.adoptions.adopt(conversation.id, { turns, isInView: false });
    expect(adopted).toMatchObject({ added: 0 });
    const starter = { messageId, role: "assistant", speaker: undefined, text: REPLY } as const;
    expect(await store.conversations.record(conversation.id, starter)).toBeUndefined();
    expect(await textsOf(conversation)).toEqual([]);
  });

  it("is quoted no more, neither by what others said nor by what they say later", async () => {
    const conversation = await open();
    const messageId = await reply(conversation, ann);
    const quoted = { messageId, authorId: undefined };
    await say(conversation, ben, { text: `${QUOTE}So you know`, quoted });
    await untilDone(() => store.privacy.forgetReplies(annEverywhere));
    await say(conversation, ben, { text: `${QUOTE}Still`, quoted });
    const said = { messageId: toMessageId(newId()), speaker: ben, quoted, saidAt: new Date() };
    const turns = [{ ...said, text: `${QUOTE}Before` }];
    await store.adoptions.adopt(conversation.id, { turns, isInView: true });
    expect(await textsOf(conversation)).toEqual(["So you know", "Still", "Before"]);
  });

  it("goes when it was read back before, and when it came from a file", async () => {
    const conversation = await open();
    const saidAt = new Date();
    const own = { speaker: undefined, text: REPLY, saidAt, askedBy: ann.id };
    const turns = [{ ...own, messageId: toMessageId(newId()) }];
    await store.adoptions.adopt(conversation.id, { turns, isInView: true });
    const filed = { role: "assistant", speaker: undefined, character: undefined } as const;
    const texts = { texts: [REPLY, "Another"], shown: 0 };
    await store.adoptions.append(conversation.id, [
      { ...filed, ...texts, saidAt, askedBy: ann.id },
    ]);
    expect(await textsOf(conversation)).toEqual([REPLY, REPLY]);
    await untilDone(() => store.privacy.forgetReplies(annEverywhere));
    expect(await textsOf(conversation)).toEqual([]);
  });

  it("goes from a fork, whichever variant was written for them", async () => {
    const guildId = toGuildId(newId());
    const conversation = await open(guildId);
    await reply(conversation, ann);
    const last = await store.replies.last(conversation.id);
    const turnId = last?.turnId ?? 0;
    const variant = await store.replies.beginVariant(turnId, { model: "demo", askedBy: ben.id });
    const ended = { text: REPLY, thoughts: undefined, reason: "stop" } as const;
    await store.replies.end(variant ?? 0, { ...ended, usage: undefined, count: undefined });
    const id = toChannelId(newId());
    const place = { kind: "thread", id, guildId, parentId: conversation.place.id } as const;
    await store.conversations.fork({ place, turnId, openedBy: ben.id });
    expect(await textsOf({ place })).toEqual([REPLY]);
    await untilDone(() => store.privacy.forgetReplies(annEverywhere));
    expect([await textsOf(conversation), await textsOf({ place })]).toEqual([[], []]);
  });

  it("is noted for the engine until that has forgotten it, and not for longer", async () => {
    const conversation = await open();
    const staleHere = async () =>
      (await store.privacy.stale()).filter((one) => one.conversationId === conversation.id);
    await reply(conversation, ann);
    await untilDone(() => store.privacy.forgetReplies(annEverywhere));
    const [before] = await staleHere();
    if (before === undefined) throw new Error("Nothing was noted");
    await reply(conversation, ann);
    await untilDone(() => store.privacy.forgetReplies(annEverywhere));
    await store.privacy.dropStale(before);
    const [later] = await staleHere();
    if (later === undefined) throw new Error("What came later was dropped, too");
    await store.privacy.dropStale(later);
    expect(await staleHere()).toEqual([]);
  });

  it("leaves nothing of a deleted message in the quotes of others", async () => {
    const conversation = await open();
    const messageId = await say(conversation, ann, { text: "Xylophonkoffer" });
    const quoted = { messageId, authorId: ann.id };
    await say(conversation, ben, { text: '[replying to: Ann, "Xylophonkoffer"]\nYes', quoted });
    const { id } = conversation.place;
    expect(await store.conversations.forgetMessages(id, [messageId])).toBe(2);
    expect(await textsOf(conversation)).toEqual(["Yes"]);
    const shown = await reply(conversation, ben);
    const words = { text: `${QUOTE}Indeed`, quoted: { messageId: shown, authorId: undefined } };
    await say(conversation, ben, words);
    expect(await store.conversations.forgetMessages(id, [shown])).toBe(2);
    expect(await textsOf(conversation)).toEqual(["Yes", "Indeed"]);
  });

  it("finds the places that quote a deleted message", async () => {
    const [conversation, thread] = [await open(), await open()];
    const messageId = await say(conversation, ann, { text: "Xylophonkoffer" });
    const quoted = { messageId, authorId: ann.id };
    await say(thread, ben, { text: '[replying to: Ann, "Xylophonkoffer"]\nYes', quoted });
    const { id } = conversation.place;
    expect(await store.conversations.forks(id)).toEqual([]);
    const places = await store.conversations.forks(id, [messageId]);
    expect(places).toEqual([thread.place.id]);
    expect(await store.conversations.forgetMessages(thread.place.id, [messageId])).toBe(1);
    expect(await textsOf(thread)).toEqual(["Yes"]);
  });

  it("leaves the beginning of a fork where it is when something is read back into it", async () => {
    const source = await open();
    for (const text of ["One", "Two"]) await say(source, ann, { text });
    const last = await say(source, ann, { text: "Three" });
    const turnId = (await store.conversations.findTurn(source.place.id, last)) ?? 0;
    const guildId = toGuildId(newId());
    const id = toChannelId(newId());
    const place = { kind: "thread", id, guildId, parentId: source.place.id } as const;
    await store.conversations.fork({ place, turnId, openedBy: ann.id });
    const missed = { messageId: toMessageId(newId()), speaker: ben, text: "Missed" };
    const fork = await store.conversations.find(id);
    if (fork === undefined) throw new Error("There is no fork");
    await say(fork, ben, { text: "Own" });
    const own = { messageId: missed.messageId, speaker: ben, text: "Missed", saidAt: new Date() };
    await store.adoptions.adopt(fork.id, { turns: [own], isInView: false });
    const found = await store.conversations.find(id);
    const view = found === undefined ? [] : await store.conversations.view(found);
    const ownTexts = view
      .filter(({ position }) => position >= (found?.ownFrom ?? 0))
      .map(({ text }) => text);
    expect(ownTexts).toEqual(["Missed", "Own"]);
  });

  it("keeps the quote of a message whose words are edited, wherever it stands", async () => {
    const conversation = await open();
    const quoted = { messageId: toMessageId(newId()), authorId: ann.id };
    const text = '[replying to: Ann, "Tea?"]\nYes';
    const messageId = await say(conversation, ben, { text, quoted });
    await store.conversations.reset(conversation.place.id);
    const { id } = conversation.place;
    expect(await store.conversations.edit(id, messageId, "Yes")).toBe(false);
    expect(await store.conversations.edit(id, messageId, "No")).toBe(true);
    expect(await textsOf(conversation)).toEqual(['[replying to: Ann, "Tea?"]\nNo']);
  });

  it("stores no quote of what was forgotten while the message was read", async () => {
    const conversation = await open();
    const messageId = toMessageId(newId());
    await store.privacy.addForgetting({ ...annEverywhere, until: new Date() });
    const quoted = { messageId, authorId: ann.id };
    await say(conversation, ben, { text: '[replying to: Ann, "Xylophonkoffer"]\nYes', quoted });
    expect(await textsOf(conversation)).toEqual(["Yes"]);
  });

  it("takes nothing from a file for someone who has opted out", async () => {
    const conversation = await open();
    const cleo: Speaker = { id: toUserId(newId()), name: "Cleo" };
    await store.privacy.optOut(cleo.id);
    const words = { texts: ["Xylophonkoffer"], shown: 0, saidAt: new Date() };
    const said = { role: "user", speaker: cleo, character: undefined, ...words } as const;
    expect(await store.adoptions.append(conversation.id, [said])).toBe(false);
    expect(await textsOf(conversation)).toEqual([]);
  });
});
