import { sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import type { Conversation } from "../../src/chat/conversation.ts";
import { toChannelId, toGuildId, toMessageId, toUserId } from "../../src/chat/ids.ts";
import type { GuildId } from "../../src/chat/ids.ts";
import { createPersonaContent } from "../../src/chat/persona/persona.ts";
import type { Place, Speaker } from "../../src/chat/place.ts";
import type { QuotedMessage } from "../../src/chat/ports.ts";
import type { PersonIn, Step } from "../../src/chat/privacy/privacy-store.ts";
import type { Database } from "../../src/store/database.ts";
import type { Store } from "../../src/store/open-store.ts";
import { DATABASE_KINDS } from "../support/database.ts";
import { dumpDatabase } from "../support/dump.ts";
import { provideStore } from "../support/provide-store.ts";

const WORD = "Xylophonkoffer";
const QUOTE = '[replying to: Ann, "the word"]\n';

let lastId = 1_000_000_000_000_000_000n;

function newId(): string {
  lastId += 1n;
  return String(lastId);
}

function newPerson(name: string): Speaker {
  return { id: toUserId(newId()), name };
}

function everywhere({ id: userId }: Speaker): PersonIn {
  return { userId, scope: { kind: "everywhere" } };
}

async function untilDone(take: () => Promise<Step>): Promise<number> {
  for (let steps = 1; ; steps += 1) if ((await take()).isDone) return steps;
}

describe.each(DATABASE_KINDS)("privacy on %s", (kind) => {
  let database: Database;
  let store: Store;

  provideStore(kind, (provided) => {
    ({ database, store } = provided);
  });

  function newGuild(): GuildId {
    return toGuildId(newId());
  }

  async function open(guildId: GuildId | "direct" = newGuild()): Promise<Conversation> {
    const id = toChannelId(newId());
    const place: Place =
      guildId === "direct" ? { kind: "direct", id } : { kind: "channel", id, guildId };
    return await store.conversations.open({ place, isParticipant: false });
  }

  interface Words {
    readonly text?: string;
    readonly saidAt?: Date;
    readonly quoted?: QuotedMessage;
  }

  async function say({ id }: Conversation, speaker: Speaker, words: Words = {}) {
    const messageId = toMessageId(newId());
    const turn = { messageId, role: "user", speaker, text: WORD, ...words } as const;
    const recorded = await store.conversations.record(id, turn);
    return { messageId, isStored: recorded !== undefined };
  }

  async function reply({ id }: Conversation, { id: askedBy }: Speaker, text: string) {
    const replyId = await store.replies.begin(id, { model: "demo", askedBy });
    const ended = { text, thoughts: undefined, reason: "stop" } as const;
    await store.replies.end(replyId, { ...ended, usage: undefined, count: undefined });
    return replyId;
  }

  async function textsOf({ place }: Conversation): Promise<string[]> {
    const texts: string[] = [];
    for await (const page of store.conversations.history(place.id)) {
      texts.push(...page.map(({ text }) => text));
    }
    return texts;
  }

  it("counts what there is of a person, server by server", async () => {
    const ann = newPerson("Ann");
    const ben = newPerson("Ben");
    const guildId = newGuild();
    const [one, other, direct] = [await open(guildId), await open(guildId), await open("direct")];
    for (const conversation of [one, one, other, direct]) await say(conversation, ann);
    await say(one, ben);
    await reply(one, ann, "Yes.");
    const note = { kind: "person", guildId, placeId: undefined, parentId: undefined } as const;
    const words = { persona: undefined, text: "A note" };
    await store.notes.add({ ...note, ...words, about: ann.id, author: ben });
    await store.notes.add({ ...note, ...words, about: ben.id, author: ann });
    await store.systemPrompts.change(one.place.id, "Be kind.", ann);
    await store.settings.change(
      { kind: "guild", id: guildId },
      { access: { deniedUsers: [ann.id] } },
    );
    const unlearned = { proposals: 0, discarded: 0 };
    const nothing = {
      replies: 0,
      notesAbout: 0,
      notesBy: 0,
      usages: 0,
      settings: 0,
      ...unlearned,
    };
    const held = await store.privacy.held(everywhere(ann));
    expect(held).toHaveLength(2);
    expect(held).toEqual(
      expect.arrayContaining([
        {
          ...unlearned,
          guildId,
          messages: 3,
          places: 2,
          replies: 1,
          notesAbout: 1,
          notesBy: 1,
          usages: 0,
          settings: 2,
        },
        { ...nothing, guildId: undefined, messages: 1, places: 1 },
      ]),
    );
    const scope = { kind: "direct" } as const;
    expect(await store.privacy.held({ userId: ann.id, scope })).toHaveLength(1);
    expect(await store.privacy.held(everywhere(newPerson("Nobody")))).toEqual([]);
  });

  it("forgets all that someone said, in small steps, and no one else's words", async () => {
    const ann = newPerson("Ann");
    const ben = newPerson("Ben");
    const conversation = await open();
    await say(conversation, ben, { text: "First" });
    const quoted = { messageId: toMessageId(newId()), authorId: ann.id };
    await database.run("fill", (queries) =>
      queries.execute(sql`
        insert into turns (conversation_id, position, role, author_id, author_name, content)
        select ${conversation.id}::bigint, 100 + n, 'user', ${ann.id}::text, 'Ann', 'Annas word'
        from generate_series(1, 1200) as n`),
    );
    await say(conversation, ben, { text: `${QUOTE}I agree`, quoted });
    expect(await untilDone(() => store.privacy.forgetWords(everywhere(ann)))).toBe(3);
    expect(await textsOf(conversation)).toEqual(["First", "I agree"]);
    expect(await dumpDatabase(database)).not.toContain("Annas word");
  });

  it("forgets summaries with what they say again", async () => {
    const [ann, ben] = [newPerson("Ann"), newPerson("Ben")];
    const [conversation, other] = [await open(), await open()];
    await say(conversation, ann);
    await say(other, ben);
    for (const { id } of [conversation, other]) {
      await database.run("summarise", (queries) =>
        queries.execute(sql`
          insert into summaries (conversation_id, from_position, to_position, level, content)
          values (${id}::bigint, 0, 0, 0, ${`Summary of ${id}`}::text)`),
      );
    }
    await untilDone(() => store.privacy.forgetWords(everywhere(ann)));
    const after = await dumpDatabase(database);
    expect(after).not.toContain(`Summary of ${conversation.id}"`);
    expect(after).toContain(`Summary of ${other.id}"`);
  });

  it("forgets the replies that someone asked for with all their variants, or only who asked", async () => {
    const ann = newPerson("Ann");
    const ben = newPerson("Ben");
    const conversation = await open();
    await say(conversation, ann, { text: "Hello" });
    await reply(conversation, ann, "Hello Ann");
    await say(conversation, ben, { text: "And me?" });
    await reply(conversation, ben, "Hello Ben");
    const last = await store.replies.last(conversation.id);
    const variant = await store.replies.beginVariant(last?.turnId ?? 0, {
      model: "demo",
      askedBy: ann.id,
    });
    const ended = { text: "Again", thoughts: undefined, reason: "stop" } as const;
    await store.replies.end(variant ?? 0, { ...ended, usage: undefined, count: undefined });

    await untilDone(() => store.privacy.forgetAsking(everywhere(ben)));
    expect(await dumpDatabase(database)).not.toContain(`"asked_by":"${ben.id}"`);
    const step = await store.privacy.forgetReplies(everywhere(ann));
    expect(step).toEqual({ conversations: [conversation.id], isDone: true });
    expect(await textsOf(conversation)).toEqual(["Hello", "And me?"]);
  });

  it("forgets a name where it stands beside something that others use", async () => {
    const ann = newPerson("Annabella");
    const ben = newPerson("Ben");
    const guildId = newGuild();
    const conversation = await open(guildId);
    await say(conversation, ann);
    await store.systemPrompts.change(conversation.place.id, "Be kind.", ann);
    const sampling = {};
    const content = {
      name: "Sage",
      description: "",
      systemPrompt: "",
      scenario: "",
      personality: "",
      greeting: "",
      alternateGreetings: [],
      exampleDialogue: "",
      postHistoryInstructions: "",
      sampling,
      card: undefined,
    };
    await store.personas.create(guildId, content, ann);
    const note = { kind: "place", guildId, placeId: conversation.place.id } as const;
    const words = { parentId: undefined, persona: undefined, about: undefined, text: "Secret tea" };
    await store.notes.add({ ...note, ...words, author: ann });
    await store.notes.add({ ...note, ...words, text: "Other tea", author: ben });

    const person = everywhere(ann);
    await store.privacy.forgetBeside(person);
    const stale = await store.privacy.stale();
    expect(stale.map(({ conversationId }) => conversationId)).toContain(conversation.id);
    await untilDone(() => store.privacy.forgetWords(person));
    const after = await dumpDatabase(database);
    expect(after).not.toContain(ann.id);
    expect(after).not.toContain("Annabella");
    expect(after).not.toContain("Secret tea");
    expect(after).toContain("Other tea");
    expect(after).toContain("Sage");
    const { change } = await store.systemPrompts.effective(conversation.place);
    expect(change).toMatchObject({ prompt: "Be kind.", changedBy: { id: "0", name: "" } });
  });

  it("gives someone the system prompts and personas that they wrote, in the scope asked for", async () => {
    const ann = newPerson("Ann");
    const guildId = newGuild();
    const [here, direct] = [await open(guildId), await open("direct")];
    await store.systemPrompts.change(here.place.id, "Be kind.", ann);
    await store.systemPrompts.change(here.place.id, undefined, ann);
    await store.systemPrompts.change(direct.place.id, "Be brief.", ann);
    await store.personas.create(guildId, createPersonaContent({ name: "Sage" }), ann);
    await store.personas.create(guildId, createPersonaContent({ name: "Rose" }), newPerson("Ben"));
    const prompt = { kind: "system-prompt", guildId, of: here.place.id, text: "Be kind." };
    const scope = { kind: "guild", id: guildId } as const;
    const ofGuild = await store.privacy.ownTexts({ userId: ann.id, scope });
    expect(ofGuild).toMatchObject([prompt, { kind: "persona", guildId, of: "Sage" }]);
    expect(JSON.parse(ofGuild[1]?.text ?? "")).toMatchObject({ name: "Sage" });
    const all = await store.privacy.ownTexts(everywhere(ann));
    expect(all.map(({ text }) => text)).toContain("Be brief.");
    expect(all).toHaveLength(3);
  });

  it("keeps a forgotten person to their quota, and nobody can tell whose it is", async () => {
    const ann = newPerson("Ann");
    const guildId = newGuild();
    const conversation = await open(guildId);
    const replyId = await store.replies.begin(conversation.id, { model: "demo", askedBy: ann.id });
    const ended = { text: "Yes", thoughts: undefined, reason: "stop" } as const;
    const charge = { guildId, userId: ann.id, tokens: 12 };
    await store.replies.end(replyId, { ...ended, usage: undefined, count: undefined, charge });
    await untilDone(() => store.privacy.forgetReplies(everywhere(ann)));
    await store.privacy.forgetBeside(everywhere(ann));
    expect(await dumpDatabase(database)).not.toContain(ann.id);
    expect(await store.usages.read(guildId, ann.id)).toMatchObject([{ tokens: 12 }]);
    expect(await store.privacy.held(everywhere(ann))).toEqual([]);
  });

  it("stays within the scope that someone has themselves forgotten in", async () => {
    const ann = newPerson("Ann");
    const guildId = newGuild();
    const [here, there, direct] = [await open(guildId), await open(), await open("direct")];
    for (const conversation of [here, there, direct]) await say(conversation, ann);
    const ofGuild = { userId: ann.id, scope: { kind: "guild", id: guildId } } as const;
    expect(await store.privacy.concerned(ofGuild)).toEqual([{ id: here.id, place: here.place }]);
    await untilDone(() => store.privacy.forgetWords(ofGuild));
    const left = async () => await Promise.all([here, there, direct].map((one) => textsOf(one)));
    expect(await left()).toEqual([[], [WORD], [WORD]]);
    const ofDirect = { userId: ann.id, scope: { kind: "direct" } } as const;
    await untilDone(() => store.privacy.forgetWords(ofDirect));
    expect(await left()).toEqual([[], [WORD], []]);
  });

  it("stores nothing of someone who has opted out, whoever reports it", async () => {
    const ann = newPerson("Ann");
    const conversation = await open();
    const before = await say(conversation, ann, { text: "Before" });
    await store.privacy.optOut(ann.id);
    await store.privacy.optOut(ann.id);
    expect((await say(conversation, ann)).isStored).toBe(false);
    const adopted = { messageId: toMessageId(newId()), speaker: ann, text: WORD };
    const turns = [{ ...adopted, saidAt: new Date() }];
    expect(await store.adoptions.adopt(conversation.id, { turns, isInView: false })).toMatchObject({
      added: 0,
    });
    expect(await textsOf(conversation)).toEqual(["Before"]);
    const { id } = conversation.place;
    expect(await store.conversations.edit(id, before.messageId, "Before")).toBe(false);
    expect(await store.conversations.edit(id, before.messageId, "After")).toBe(true);
    expect(await textsOf(conversation)).toEqual([]);
    expect((await store.privacy.read()).optedOut).toContain(ann.id);
    await store.privacy.optIn(ann.id);
    expect((await say(conversation, ann)).isStored).toBe(true);
  });

  it("names the speakers once someone speaks whose words are not stored, and stores no name", async () => {
    const [ann, ben] = [newPerson("Ann"), newPerson("Ben")];
    const conversation = await open();
    const alone = await store.conversations.touch(conversation.id, ann.id);
    expect(alone?.hasSeveralSpeakers).toBe(false);
    await say(conversation, ben);
    const touched = await store.conversations.touch(conversation.id, ann.id);
    expect(touched?.hasSeveralSpeakers).toBe(true);
    expect(await dumpDatabase(database)).not.toContain(ann.id);
    expect(await store.conversations.touch(0, ann.id)).toBeUndefined();
  });

  it("stores nothing that is older than someone's wish to be forgotten", async () => {
    const ann = newPerson("Ann");
    const guildId = newGuild();
    const [here, there] = [await open(guildId), await open()];
    const until = new Date();
    const scope = { kind: "guild", id: guildId } as const;
    await store.privacy.addForgetting({ userId: ann.id, scope, until });
    const saidAt = new Date(until.getTime() - 1);
    expect((await say(here, ann, { saidAt })).isStored).toBe(false);
    expect((await say(here, ann, { saidAt: until })).isStored).toBe(true);
    expect((await say(there, ann, { saidAt })).isStored).toBe(true);
    const turn = { messageId: toMessageId(newId()), speaker: ann, text: WORD, saidAt };
    const adopting = { turns: [turn], isInView: false };
    expect(await store.adoptions.adopt(here.id, adopting)).toMatchObject({ added: 0 });
    expect(await store.adoptions.adopt(there.id, adopting)).toMatchObject({ added: 1 });
    const { forgettings } = await store.privacy.read();
    expect(forgettings).toContainEqual({ userId: ann.id, scope, until });
  });

  it("reads a person's own words page by page", async () => {
    const ann = newPerson("Ann");
    const conversation = await open();
    await database.run("fill", (queries) =>
      queries.execute(sql`
        insert into turns (conversation_id, position, role, author_id, author_name, content)
        select ${conversation.id}::bigint, n, 'user', ${ann.id}::text, 'Ann', 'Word ' || n
        from generate_series(1, 1100) as n`),
    );
    const pages = [];
    for (let after, isFirst = true; isFirst || after !== undefined; isFirst = false) {
      const page = await store.privacy.ownWords(everywhere(ann), after);
      pages.push(page.words.map(({ text }) => text));
      after = page.next;
    }
    expect(pages.map(({ length }) => length)).toEqual([500, 500, 100]);
    expect(new Set(pages.flat()).size).toBe(1_100);
  });

  it("takes away what is too old in a server, and only there", async () => {
    const ann = newPerson("Ann");
    const guildId = newGuild();
    const [here, there] = [await open(guildId), await open()];
    const limit = new Date("2026-01-02T00:00:00Z");
    for (const conversation of [here, there]) {
      await say(conversation, ann, { text: "Old", saidAt: new Date(limit.getTime() - 1) });
      await say(conversation, ann, { text: "Young", saidAt: limit });
    }
    const scope = { kind: "guild", id: guildId } as const;
    await store.settings.change(scope, { retentionDays: 30 });
    expect(await store.privacy.retentions()).toContainEqual({ guildId, days: 30 });
    const step = await store.privacy.expire(guildId, limit);
    expect(step).toEqual({ conversations: [here.id], isDone: true });
    expect([await textsOf(here), await textsOf(there)]).toEqual([["Young"], ["Old", "Young"]]);
    await store.settings.change(scope, { retentionDays: undefined });
    expect(await store.privacy.retentions()).not.toContainEqual({ guildId, days: 30 });
  });

  it("knows which servers were left, and forgets one with all that is set for its channels", async () => {
    const ann = newPerson("Ann");
    const [guildId, otherId] = [newGuild(), newGuild()];
    const [here, there] = [await open(guildId), await open(otherId)];
    await say(here, ann, { text: "Gone words" });
    await say(there, ann);
    const silent = { kind: "place", id: toChannelId(newId()) } as const;
    await store.settings.change(silent, { wakeWords: ["gone-word"] });
    await store.systemPrompts.change(here.place.id, "Gone prompt", ann);
    const at = new Date("2026-01-01T00:00:00Z");
    const all = (await store.privacy.guildsLeftBefore(new Date("2030-01-01"))).length;
    expect(all).toBe(0);
    const guilds = [
      { id: guildId, placeIds: [silent.id] },
      { id: otherId, placeIds: [there.place.id] },
    ];
    await store.privacy.noteGuilds(guilds, at);
    await store.privacy.noteGuilds(guilds.slice(1), at);
    const left = await store.privacy.guildsLeftBefore(new Date(at.getTime() + 1));
    expect(left).toContain(guildId);
    expect(left).not.toContain(otherId);
    await untilDone(() => store.privacy.forgetGuild(guildId));
    const after = await dumpDatabase(database);
    expect(after).not.toContain(guildId);
    expect(after).not.toMatch(/gone[ -](?:word|prompt)/i);
    expect(after).toContain(otherId);
  });
});
