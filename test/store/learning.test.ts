import { sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import type { Conversation, RowId } from "../../src/chat/conversation.ts";
import { toChannelId, toGuildId, toMessageId, toUserId } from "../../src/chat/ids.ts";
import type { GuildId } from "../../src/chat/ids.ts";
import type { LearnableStretch } from "../../src/chat/learning/learning-store.ts";
import { toFactReach } from "../../src/chat/learning/proposal.ts";
import type { Proposal } from "../../src/chat/learning/proposal.ts";
import { MAX_NOTES, toReach } from "../../src/chat/memory/note.ts";
import type { Place, Speaker } from "../../src/chat/place.ts";
import type { Database } from "../../src/store/database.ts";
import type { Store } from "../../src/store/open-store.ts";
import { DATABASE_KINDS } from "../support/database.ts";
import { provideStore } from "../support/provide-store.ts";

const NOW = new Date("2026-11-23T14:05:00Z");
const DAY_MS = 24 * 3_600_000;

let lastId = 1_100_000_000_000_000_000n;

function newId(): string {
  lastId += 1n;
  return String(lastId);
}

function newPerson(name: string): Speaker {
  return { id: toUserId(newId()), name };
}

function before(ms: number): Date {
  return new Date(NOW.getTime() - ms);
}

describe.each(DATABASE_KINDS)("learning on %s", (kind) => {
  let database: Database;
  let store: Store;

  provideStore(kind, (provided) => {
    ({ database, store } = provided);
  });

  async function open(guildId: GuildId | "direct" = toGuildId(newId())): Promise<Conversation> {
    const id = toChannelId(newId());
    const place: Place =
      guildId === "direct" ? { kind: "direct", id } : { kind: "channel", id, guildId };
    return await store.conversations.open({ place, isParticipant: true });
  }

  async function say({ id }: Conversation, speaker: Speaker, text: string, saidAt = NOW) {
    const messageId = toMessageId(newId());
    await store.conversations.record(id, { messageId, role: "user", speaker, text, saidAt });
    return messageId;
  }

  async function reply({ id }: Conversation, { id: askedBy }: Speaker, text: string) {
    const replyId = await store.replies.begin(id, { model: "demo", askedBy });
    const ended = { text, thoughts: undefined, reason: "stop" } as const;
    await store.replies.end(replyId, { ...ended, usage: undefined, count: undefined });
  }

  async function consenting(name = "Ann"): Promise<Speaker> {
    const person = newPerson(name);
    await store.learning.consent(person.id, before(DAY_MS));
    return person;
  }

  async function next({ id }: Conversation): Promise<LearnableStretch | undefined> {
    return await store.learning.nextStretch(id, before(DAY_MS), 200);
  }

  async function demand(conversation: Conversation): Promise<LearnableStretch> {
    const stretch = await next(conversation);
    if (stretch === undefined) throw new Error("There is nothing to learn from");
    return stretch;
  }

  interface Saved {
    readonly at?: Date;
    readonly replaces?: RowId;
    readonly count?: number;
  }

  async function save(
    stretch: LearnableStretch,
    texts: readonly string[],
    { at = NOW, count = 100, replaces }: Saved = {},
  ): Promise<readonly Proposal[] | undefined> {
    const facts = texts.map((text) => ({ text, replaces, key: text.toLowerCase() }));
    const most = { count, since: before(DAY_MS) };
    return await store.learning.save({ stretch, facts, at, most });
  }

  /** A proposal on a message, and what it was learned from. */
  async function propose(
    text = "Has two cats.",
    given: Saved & { readonly direct?: boolean } = {},
  ) {
    const ann = await consenting();
    const conversation = await open(given.direct === true ? "direct" : undefined);
    const said = await say(conversation, ann, "I have two cats");
    const [proposal] = (await save(await demand(conversation), [text], given)) ?? [];
    if (proposal === undefined) throw new Error("Nothing was proposed");
    const messageId = toMessageId(newId());
    await store.learning.noteMessage([proposal.id], messageId);
    return { ann, conversation, id: proposal.id, messageId, said };
  }

  async function shownBy({ messageId }: { readonly messageId: string }) {
    const stale = await store.learning.stale(1_000);
    return stale.find((message) => message.messageId === messageId);
  }

  function noteOf({ place }: Conversation, person: Speaker) {
    const about = { persona: undefined, about: person.id, author: person };
    return { kind: "person", ...toFactReach(place), ...about } as const;
  }

  async function countRows(table: string, ...holding: readonly string[]): Promise<number> {
    const rows = await database.run("count rows", (queries) =>
      queries
        .select({ count: sql<number>`count(*)::integer` })
        .from(sql`${sql.identifier(table)} as counted`)
        .where(
          sql.join(
            holding.map((word) => sql`counted::text like ${`%${word}%`}`),
            sql` and `,
          ),
        ),
    );
    return rows[0]?.count ?? 0;
  }

  describe("what is read", () => {
    it("is nothing of people who have not consented", async () => {
      const conversation = await open();
      await say(conversation, newPerson("Ben"), "I have a dog");
      expect(await next(conversation)).toBeUndefined();
    });

    it("is what one person said and was answered, and nothing that others said", async () => {
      const ann = await consenting();
      const ben = newPerson("Ben");
      const conversation = await open();
      await say(conversation, ben, "Mine is a dog");
      await reply(conversation, ben, "A dog!");
      await say(conversation, ann, "I have two cats");
      await reply(conversation, ann, "Nice cats.");
      await say(conversation, ben, "Cats are dull");
      await reply(conversation, ben, "So says Ben.");
      await say(conversation, ann, "They are not");
      const stretch = await demand(conversation);
      expect(stretch.person).toBe(ann.id);
      expect(stretch.turns.map(({ text }) => text)).toEqual([
        "I have two cats",
        "Nice cats.",
        "They are not",
      ]);
    });

    it("is nothing from before the consent, nor from longer ago than asked for", async () => {
      const ann = newPerson("Ann");
      const conversation = await open();
      await say(conversation, ann, "long ago", before(2 * DAY_MS));
      await say(conversation, ann, "before", before(2_000));
      await store.learning.consent(ann.id, before(1_000));
      expect(await next(conversation)).toBeUndefined();
      await say(conversation, ann, "after");
      expect((await demand(conversation)).turns.map(({ text }) => text)).toEqual(["after"]);
    });

    it("is read once, also where nothing came of it", async () => {
      const ann = await consenting();
      const conversation = await open();
      await say(conversation, ann, "I have two cats");
      expect(await save(await demand(conversation), [])).toEqual([]);
      expect(await next(conversation)).toBeUndefined();
      await say(conversation, ann, "and a dog");
      expect((await demand(conversation)).turns.map(({ text }) => text)).toEqual(["and a dog"]);
    });

    it("is of one person at a time, whoever has waited the longest first", async () => {
      const [ann, ben] = [await consenting("Ann"), await consenting("Ben")];
      const conversation = await open();
      await say(conversation, ben, "one");
      await say(conversation, ann, "two");
      const first = await demand(conversation);
      expect(first.person).toBe(ben.id);
      await save(first, []);
      const second = await demand(conversation);
      expect([second.person, second.turns.length]).toEqual([ann.id, 1]);
    });

    it("is nothing that was imported or read back", async () => {
      const ann = await consenting();
      const conversation = await open();
      const imported = { role: "user", speaker: ann, character: undefined, shown: 0 } as const;
      const turns = [{ ...imported, texts: ["I have two cats"], saidAt: NOW }];
      await store.adoptions.append(conversation.id, turns);
      const adopted = { messageId: toMessageId(newId()), speaker: ann, saidAt: NOW };
      const read = { turns: [{ ...adopted, text: "and a dog" }], isInView: true };
      await store.adoptions.adopt(conversation.id, read);
      expect(await next(conversation)).toBeUndefined();
    });

    it("is no reply to what someone said who has opted out", async () => {
      const ann = await consenting();
      const conversation = await open();
      await say(conversation, ann, "I have two cats");
      const by = { model: "demo", askedBy: ann.id, answersUnstored: true };
      const replyId = await store.replies.begin(conversation.id, by);
      const ended = { text: "Zoe has a dog.", thoughts: undefined, reason: "stop" } as const;
      await store.replies.end(replyId, { ...ended, usage: undefined, count: undefined });
      await say(conversation, ann, "and a bicycle");
      const { turns } = await demand(conversation);
      expect(turns.map(({ text }) => text)).toEqual(["I have two cats", "and a bicycle"]);
    });

    it("is nothing from before a reset", async () => {
      const ann = await consenting();
      const conversation = await open();
      await say(conversation, ann, "I have two cats");
      await store.conversations.reset(conversation.place.id);
      expect(await next(conversation)).toBeUndefined();
    });

    it("is nothing that a fork has a copy of", async () => {
      const ann = await consenting();
      const conversation = await open();
      const messageId = await say(conversation, ann, "I have two cats");
      const turnId = await store.conversations.findTurn(conversation.place.id, messageId);
      const place = { ...conversation.place, id: toChannelId(newId()) };
      await store.conversations.fork({ place, turnId: turnId ?? 0, openedBy: ann.id });
      const fork = await store.conversations.find(place.id);
      if (fork === undefined) throw new Error("There is no fork");
      expect(await next(fork)).toBeUndefined();
      await say(fork, ann, "In the fork");
      expect((await demand(fork)).turns.map(({ text }) => text)).toEqual(["In the fork"]);
    });

    it("is found again after a start", async () => {
      const ann = await consenting();
      const conversation = await open();
      await say(conversation, ann, "I have two cats");
      expect(await store.learning.due(before(DAY_MS), 1_000)).toContain(conversation.id);
      await save(await demand(conversation), []);
      expect(await store.learning.due(before(DAY_MS), 1_000)).not.toContain(conversation.id);
    });
  });

  describe("nothing is proposed", () => {
    it("where what it rests on was edited or deleted while the model wrote", async () => {
      for (const change of ["edit", "delete"]) {
        const ann = await consenting();
        const conversation = await open();
        const messageId = await say(conversation, ann, "I have two cats");
        const stretch = await demand(conversation);
        const { id } = conversation.place;
        if (change === "edit") await store.conversations.edit(id, messageId, "I have no cats");
        else await store.conversations.forgetMessages(id, [messageId]);
        expect(await save(stretch, ["Has two cats."])).toBeUndefined();
        expect(await countRows("proposals", ann.id)).toBe(0);
      }
    });

    it("that is left undecided by an edit which comes at the same time", async () => {
      for (let round = 0; round < 10; round += 1) {
        const ann = await consenting();
        const conversation = await open();
        const messageId = await say(conversation, ann, "I have two cats");
        const stretch = await demand(conversation);
        await Promise.all([
          save(stretch, ["Has two cats."]),
          store.conversations.edit(conversation.place.id, messageId, "I have no cats"),
        ]);
        expect(await store.learning.undecided(ann.id)).toEqual([]);
      }
    });

    it("where the person no longer consents, or has opted out", async () => {
      for (const change of ["withdraw", "opt out"]) {
        const ann = await consenting();
        const conversation = await open();
        await say(conversation, ann, "I have two cats");
        const stretch = await demand(conversation);
        if (change === "withdraw") await store.learning.withdraw(ann.id);
        else await store.privacy.optOut(ann.id);
        expect(await save(stretch, ["Has two cats."])).toBeUndefined();
        expect(await next(conversation)).toBeUndefined();
      }
    });

    it("that was discarded before, which is known by its hash alone", async () => {
      const { ann, conversation, id } = await propose("Has two cats.");
      expect(await store.learning.discard(id, "has two cats.")).toBe(true);
      expect(await store.learning.discard(id, "has two cats.")).toBe(false);
      for (const table of ["proposals", "discarded_facts"]) {
        expect(await countRows(table, ann.id, "cats")).toBe(0);
      }
      await say(conversation, ann, "I have two cats and a dog");
      const saved = await save(await demand(conversation), ["Has two cats.", "Has a dog."]);
      expect(saved?.map(({ text }) => text)).toEqual(["Has a dog."]);
    });

    it("beyond what there may be in a day", async () => {
      const ann = await consenting();
      const conversation = await open();
      await say(conversation, ann, "one");
      expect(await save(await demand(conversation), ["a", "b"], { count: 3 })).toHaveLength(2);
      await say(conversation, ann, "two");
      const saved = await save(await demand(conversation), ["c", "d"], { count: 3 });
      expect(saved?.map(({ text }) => text)).toEqual(["c"]);
    });
  });

  describe("what is proposed", () => {
    it("becomes a note that people see, and keeps no text beside it", async () => {
      const { ann, conversation, id } = await propose();
      const note = await store.learning.keep(id, noteOf(conversation, ann));
      expect(note).toMatchObject({ kind: "person", about: ann.id, text: "Has two cats." });
      expect(await countRows("proposals", ann.id, "cats")).toBe(0);
      expect(await store.learning.keep(id, noteOf(conversation, ann))).toBe("gone");
      const { place } = conversation;
      const read = await store.notes.read({ place, persona: undefined, people: [ann.id] });
      expect(read.map(({ text }) => text)).toEqual(["Has two cats."]);
    });

    it("takes the place of the note that it replaces", async () => {
      const ann = await consenting();
      const conversation = await open();
      const old = await store.notes.add({ ...noteOf(conversation, ann), text: "Has a cat." });
      await say(conversation, ann, "I have two cats");
      const [proposal] =
        (await save(await demand(conversation), ["Has two cats."], {
          replaces: old?.id ?? 0,
        })) ?? [];
      expect(proposal?.replaces).toBe("Has a cat.");
      const kept = await store.learning.keep(proposal?.id ?? 0, noteOf(conversation, ann));
      expect(kept).toMatchObject({ id: old?.id, text: "Has two cats." });
    });

    it("stands beside a note that was changed since it was shown", async () => {
      const ann = await consenting();
      const conversation = await open();
      const old = await store.notes.add({ ...noteOf(conversation, ann), text: "Has a cat." });
      await say(conversation, ann, "I have two cats");
      const replaces = old?.id ?? 0;
      const [proposal] = (await save(await demand(conversation), ["New."], { replaces })) ?? [];
      await store.notes.edit(replaces, "Has a cat and a dog.");
      await store.learning.keep(proposal?.id ?? 0, noteOf(conversation, ann));
      const { place } = conversation;
      const read = await store.notes.read({ place, persona: undefined, people: [ann.id] });
      expect(read.map(({ text }) => text)).toEqual(["Has a cat and a dog.", "New."]);
    });

    it("is still to be decided where there are as many notes as there may be", async () => {
      const { ann, conversation, id } = await propose();
      const note = noteOf(conversation, ann);
      for (let count = 0; count < MAX_NOTES.person; count += 1) {
        await store.notes.add({ ...note, text: `Note ${count}` });
      }
      expect(await store.learning.keep(id, note)).toBe("too-many");
      expect((await store.learning.find(id))?.state).toBe("pending");
    });

    it.each(["edited", "deleted", "expired with the place's retention"])(
      "is withdrawn when a message that it rests on is %s",
      async (how) => {
        const proposed = await propose();
        const { ann, conversation, said } = proposed;
        const { place } = conversation;
        if (how === "edited") await store.conversations.edit(place.id, said, "I have no cats");
        else if (how === "deleted") await store.conversations.forgetMessages(place.id, [said]);
        else if (place.kind !== "direct") {
          await store.privacy.expire(place.guildId, new Date(NOW.getTime() + 1));
        }
        expect(await countRows("proposals", ann.id, "cats")).toBe(0);
        expect((await shownBy(proposed))?.proposals[0]).toMatchObject({ state: "withdrawn" });
      },
    );

    it("stays when what others said is edited, and what was said elsewhere", async () => {
      const { ann, conversation, id } = await propose();
      const ben = newPerson("Ben");
      const other = await say(conversation, ben, "Cats?");
      await store.conversations.edit(conversation.place.id, other, "Dogs?");
      const later = await say(conversation, ann, "By the way");
      await store.conversations.forgetMessages(conversation.place.id, [later]);
      expect((await store.learning.find(id))?.state).toBe("pending");
    });

    it("is withdrawn with the consent, and when the person opts out", async () => {
      for (const change of ["withdraw", "opt out"]) {
        const proposed = await propose();
        if (change === "withdraw") await store.learning.withdraw(proposed.ann.id);
        else await store.privacy.optOut(proposed.ann.id);
        expect(await store.learning.hasConsented(proposed.ann.id)).toBe(false);
        expect(await countRows("proposals", proposed.ann.id, "cats")).toBe(0);
        expect((await shownBy(proposed))?.proposals[0]).toMatchObject({ state: "withdrawn" });
      }
    });

    it("expires without a trace of its words", async () => {
      const proposed = await propose("Has two cats.", { at: before(8 * DAY_MS) });
      const young = await propose("Has two cats.", { at: before(6 * DAY_MS) });
      await store.learning.expire(before(7 * DAY_MS));
      expect((await shownBy(proposed))?.proposals[0]).toMatchObject({ state: "expired" });
      expect(await shownBy(young)).toBeUndefined();
      expect(await store.learning.undecided(proposed.ann.id)).toEqual([]);
      await store.learning.expire(new Date(NOW.getTime() + 15 * DAY_MS));
      await store.learning.expire(new Date(NOW.getTime() + 30 * DAY_MS));
      expect(await countRows("proposals", young.ann.id)).toBe(0);
    });

    it("goes with the message that shows it, and where it was never shown", async () => {
      const shown = await propose();
      await store.learning.dropMessages([shown.messageId]);
      expect(await store.learning.find(shown.id)).toBeUndefined();
      const ann = await consenting();
      const conversation = await open();
      await say(conversation, ann, "I have two cats");
      const [unshown] = (await save(await demand(conversation), ["Has two cats."])) ?? [];
      await store.learning.dropUnshown();
      expect(await store.learning.find(unshown?.id ?? 0)).toBeUndefined();
    });

    it("goes with its place", async () => {
      const { ann, conversation } = await propose();
      await store.conversations.forgetPlace(conversation.place.id);
      expect(await countRows("proposals", ann.id)).toBe(0);
      expect(await countRows("learning_progress", ann.id)).toBe(0);
    });

    it("is no longer stale once its message says so", async () => {
      const proposed = await propose();
      expect(await shownBy(proposed)).toBeUndefined();
      await store.learning.keep(proposed.id, noteOf(proposed.conversation, proposed.ann));
      const stale = await shownBy(proposed);
      expect(stale).toMatchObject({ person: proposed.ann.id, place: proposed.conversation.place });
      if (stale !== undefined) await store.learning.noteShown(stale);
      expect(await shownBy(proposed)).toBeUndefined();
    });
  });

  describe("a person", () => {
    it("sees how much is undecided and discarded, server by server, and what it says", async () => {
      const { ann, conversation, id } = await propose();
      await say(conversation, ann, "and a dog");
      await save(await demand(conversation), ["Has a dog."]);
      await store.learning.discard(id, "key");
      const person = { userId: ann.id, scope: { kind: "everywhere" } } as const;
      const { place } = conversation;
      const guildId = place.kind === "direct" ? undefined : place.guildId;
      expect(await store.privacy.held(person)).toEqual([
        expect.objectContaining({ guildId, proposals: 1, discarded: 1 }),
      ]);
      expect(await store.privacy.ownProposals(person)).toEqual([
        { place, saidAt: NOW, text: "Has a dog." },
      ]);
      const direct = { userId: ann.id, scope: { kind: "direct" } } as const;
      expect(await store.privacy.ownProposals(direct)).toEqual([]);
    });

    it("who is forgotten everywhere leaves nothing that was to be learned", async () => {
      const proposed = await propose();
      const discarded = await propose();
      await store.learning.discard(discarded.id, "key");
      for (const { ann } of [proposed, discarded]) {
        await store.privacy.forgetLearned({ userId: ann.id, scope: { kind: "everywhere" } });
        for (const table of [
          "proposals",
          "discarded_facts",
          "learning_consents",
          "learning_progress",
        ]) {
          expect([table, await countRows(table, ann.id)]).toEqual([table, 0]);
        }
      }
      expect((await shownBy(proposed))?.proposals[0]).toMatchObject({ state: "withdrawn" });
    });

    it("who is forgotten in one server keeps what is elsewhere, and the consent", async () => {
      const { ann, conversation, id } = await propose();
      const guildId = toGuildId(newId());
      await store.privacy.forgetLearned({ userId: ann.id, scope: { kind: "guild", id: guildId } });
      expect((await store.learning.find(id))?.state).toBe("pending");
      const { place } = conversation;
      if (place.kind === "direct") throw new Error("It is no server");
      const scope = { kind: "guild", id: place.guildId } as const;
      await store.privacy.forgetLearned({ userId: ann.id, scope });
      expect((await store.learning.find(id))?.text).toBeUndefined();
      expect(await store.learning.hasConsented(ann.id)).toBe(true);
    });
  });

  it("a server that is forgotten takes all that was to be learned there", async () => {
    const { ann, conversation, id } = await propose();
    await store.learning.discard(id, "key");
    const { place } = conversation;
    if (place.kind === "direct") throw new Error("It is no server");
    while (!(await store.privacy.forgetGuild(place.guildId)).isDone);
    for (const table of ["proposals", "discarded_facts", "learning_progress"]) {
      expect([table, await countRows(table, ann.id)]).toEqual([table, 0]);
    }
  });

  it("what is learned in a private thread or in direct messages is a note of that place alone", () => {
    const guildId = toGuildId(newId());
    const ids = { guildId, parentId: toChannelId(newId()) };
    const inThread = { kind: "thread", id: toChannelId(newId()), ...ids } as const;
    expect(toFactReach({ ...inThread, isPrivate: true }).placeId).toBe(inThread.id);
    expect(toFactReach(inThread).placeId).toBe(inThread.id);
    const open_ = { ...inThread, isPrivate: false };
    expect(toFactReach(open_)).toEqual(toReach("person", open_));
    expect(toFactReach(open_).placeId).toBeUndefined();
    const direct = { kind: "direct", id: toChannelId(newId()) } as const;
    expect(toFactReach(direct).placeId).toBe(direct.id);
  });
});
