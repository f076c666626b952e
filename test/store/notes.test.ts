import { describe, expect, it } from "vitest";
import { toChannelId, toGuildId, toMessageId, toUserId } from "../../src/chat/ids.ts";
import type { UserId } from "../../src/chat/ids.ts";
import { MAX_NOTES, toReach } from "../../src/chat/memory/note.ts";
import type { NewNote, Note, NoteKind } from "../../src/chat/memory/note.ts";
import { createPersonaContent } from "../../src/chat/persona/persona.ts";
import type { PersonaReference } from "../../src/chat/persona/persona.ts";
import type { Place, Speaker } from "../../src/chat/place.ts";
import type { Store } from "../../src/store/open-store.ts";
import { DATABASE_KINDS } from "../support/database.ts";
import { provideStore } from "../support/provide-store.ts";

const ann: Speaker = { id: toUserId("300000000000000001"), name: "Ann" };
const ben: Speaker = { id: toUserId("300000000000000002"), name: "Ben" };
const TUTOR: PersonaReference = { kind: "built-in", name: "Tutor" };

let lastId = 400_000_000_000_000_000n;

/** Every test has servers and places of its own. */
function nextId(): string {
  lastId += 1n;
  return String(lastId);
}

function newServer() {
  const guildId = toGuildId(nextId());
  const channel = { kind: "channel", id: toChannelId(nextId()), guildId } as const;
  const newThread = (isPrivate = false) => {
    const id = toChannelId(nextId());
    return { kind: "thread", id, guildId, parentId: channel.id, isPrivate } as const;
  };
  return { guildId, channel, newThread };
}

describe.each(DATABASE_KINDS)("notes in %s", (kind) => {
  let store: Store;

  provideStore(kind, (provided) => {
    ({ store } = provided);
  });

  interface Added extends Partial<NewNote> {
    readonly text: string;
    readonly place: Place;
    readonly kind?: NoteKind;
  }

  async function add({ place, ...given }: Added): Promise<Note | undefined> {
    const noteKind = given.kind ?? "place";
    return await store.notes.add({
      kind: noteKind,
      ...toReach(noteKind, place),
      persona: undefined,
      about: undefined,
      author: ann,
      ...given,
    });
  }

  async function demand(added: Added): Promise<Note> {
    const note = await add(added);
    if (note === undefined) throw new Error("There are too many");
    return note;
  }

  async function read(
    place: Place,
    {
      owner,
      people = [],
      persona,
    }: { owner?: UserId; people?: UserId[]; persona?: PersonaReference } = {},
  ): Promise<string[]> {
    const by = owner === undefined ? {} : { owner };
    const found = await store.notes.read({ place, persona, people, ...by });
    return found.map(({ text }) => text);
  }

  async function open(place: Place, ...speakers: readonly Speaker[]): Promise<number> {
    const { id } = await store.conversations.open({ place, isParticipant: true });
    for (const speaker of speakers) {
      const messageId = toMessageId(nextId());
      await store.conversations.record(id, { messageId, role: "user", speaker, text: "Hi" });
    }
    return id;
  }

  it("come back whole, oldest first", async () => {
    const { channel, guildId } = newServer();
    const first = await demand({ place: channel, text: "Tea\0", about: ben.id });
    await demand({ place: channel, text: "Coffee" });
    expect(first).toMatchObject({
      kind: "place",
      guildId,
      placeId: channel.id,
      persona: undefined,
      about: ben.id,
      text: "Tea\uFFFD",
      author: ann,
    });
    expect(first.writtenAt).toBeInstanceOf(Date);
    const [stored] = await store.notes.read({ place: channel, persona: undefined, people: [] });
    expect(stored).toEqual(first);
    expect(await read(channel)).toEqual(["Tea\uFFFD", "Coffee"]);
  });

  it("of a place are read there alone, not in its threads and not in its channel", async () => {
    const { channel, newThread } = newServer();
    const [thread, other] = [newThread(), newThread()];
    await demand({ place: channel, text: "of the channel" });
    await demand({ place: thread, text: "of the thread" });
    expect(await read(channel)).toEqual(["of the channel"]);
    expect(await read(thread)).toEqual(["of the thread"]);
    expect(await read(other)).toEqual([]);
  });

  it("of a persona are read wherever it talks in the server, and nowhere else", async () => {
    const [here, there] = [newServer(), newServer()];
    const rosie = await store.personas.create(
      here.guildId,
      createPersonaContent({ name: "Rosie" }),
      ann,
    );
    const persona = { kind: "stored", id: rosie?.id ?? 0 } as const;
    await demand({ place: here.channel, kind: "persona", persona, text: "Rosie's" });
    await demand({ place: here.channel, kind: "persona", persona: TUTOR, text: "Tutor's" });
    expect(await read(here.newThread(), { persona })).toEqual(["Rosie's"]);
    expect(await read(here.newThread(true), { persona: TUTOR })).toEqual(["Tutor's"]);
    expect(await read(here.channel)).toEqual([]);
    expect(await read(there.channel, { persona: TUTOR })).toEqual([]);
  });

  it("of a persona stay in the private thread in which they were made", async () => {
    const { channel, newThread } = newServer();
    const secret = newThread(true);
    await demand({ place: secret, kind: "persona", persona: TUTOR, text: "Secret" });
    expect(await read(secret, { persona: TUTOR })).toEqual(["Secret"]);
    expect(await read(secret)).toEqual([]);
    for (const place of [channel, newThread(), newThread(true)]) {
      expect(await read(place, { persona: TUTOR })).toEqual([]);
    }
  });

  it("about a person are read in the server where they are, for their persona or for all", async () => {
    const [here, there] = [newServer(), newServer()];
    const about = { place: here.newThread(true), kind: "person", about: ann.id } as const;
    await demand({ ...about, text: "for all" });
    await demand({ ...about, persona: TUTOR, text: "for one" });
    const people = [ben.id, ann.id];
    expect(await read(here.channel, { people })).toEqual(["for all"]);
    expect(await read(here.newThread(), { people, persona: TUTOR })).toEqual([
      "for all",
      "for one",
    ]);
    expect(await read(here.channel, { people, owner: ann.id })).toEqual(["for all", "for one"]);
    expect(await read(here.newThread(true), { people: [ben.id] })).toEqual([]);
    expect(await read(there.channel, { people, persona: TUTOR })).toEqual([]);
  });

  it("of direct messages never leave them", async () => {
    const direct = { kind: "direct", id: toChannelId(nextId()) } as const;
    const { channel } = newServer();
    const other = { kind: "direct", id: toChannelId(nextId()) } as const;
    for (const noteKind of ["place", "persona", "person"] as const) {
      const given = noteKind === "place" ? {} : { about: ann.id, persona: TUTOR };
      await demand({ place: direct, kind: noteKind, text: noteKind, ...given });
    }
    const seen = { people: [ann.id], persona: TUTOR };
    expect(await read(direct, seen)).toEqual(["place", "persona", "person"]);
    expect(await read(channel, seen)).toEqual([]);
    expect(await read(other, seen)).toEqual([]);
  });

  it("change and go by their number, once", async () => {
    const { channel } = newServer();
    const { id } = await demand({ place: channel, text: "Tea" });
    expect(await store.notes.edit(id, "Coffee\0")).toBe(true);
    expect(await read(channel)).toEqual(["Coffee\uFFFD"]);
    expect([await store.notes.remove(id), await store.notes.remove(id)]).toEqual([true, false]);
    expect(await store.notes.edit(id, "Tea")).toBe(false);
    expect(await read(channel)).toEqual([]);
  });

  it("are so many at most, each kind for itself", async () => {
    const { channel } = newServer();
    const about = { place: channel, kind: "person", about: ann.id } as const;
    for (let count = 0; count < MAX_NOTES.person; count += 1) await demand({ ...about, text: "x" });
    expect(await add({ ...about, text: "one more" })).toBeUndefined();
    expect(await add({ ...about, persona: TUTOR, text: "one more" })).toBeUndefined();
    await demand({ ...about, about: ben.id, text: "Ben's" });
    await demand({ place: channel, text: "of the place" });
  });

  it("go with their thread, with the channel of their thread, and with their persona", async () => {
    const { channel, guildId, newThread } = newServer();
    const [one, silent, talked] = [newThread(), newThread(true), newThread()];
    await open(channel);
    await open(talked);
    const rosie = await store.personas.create(
      guildId,
      createPersonaContent({ name: "Rosie" }),
      ann,
    );
    const persona = { kind: "stored", id: rosie?.id ?? 0 } as const;
    for (const place of [channel, one, silent, talked]) await demand({ place, text: "here" });
    await demand({ place: silent, kind: "persona", persona: TUTOR, text: "secret" });
    const people = [ann.id];
    await demand({ place: channel, kind: "person", about: ann.id, text: "about Ann" });
    await demand({ place: channel, kind: "person", about: ann.id, persona, text: "for Rosie" });
    await demand({ place: channel, kind: "persona", persona, text: "about Rosie" });

    await store.conversations.forgetPlace(one.id);
    expect(await read(one)).toEqual([]);
    expect(await read(silent, { persona: TUTOR })).toEqual(["here", "secret"]);
    await store.conversations.forgetPlace(channel.id);
    for (const place of [channel, silent, talked]) {
      expect(await read(place, { persona: TUTOR })).toEqual([]);
    }
    expect(await read(channel, { people, persona })).toEqual([
      "about Ann",
      "for Rosie",
      "about Rosie",
    ]);
    await store.personas.remove(persona.id);
    expect(await read(channel, { people, persona, owner: ann.id })).toEqual(["about Ann"]);
  });

  it("go with their server, and no other's", async () => {
    const [here, there] = [newServer(), newServer()];
    for (const { channel, newThread } of [here, there]) {
      await demand({ place: newThread(true), text: "in a thread" });
      await demand({ place: channel, kind: "person", about: ann.id, text: "about Ann" });
    }
    await store.privacy.forgetGuild(here.guildId);
    expect(await read(here.channel, { people: [ann.id] })).toEqual([]);
    expect(await read(there.channel, { people: [ann.id] })).toEqual(["about Ann"]);
  });

  it("have been read where they hold: there, in the whole server, or where someone spoke", async () => {
    const [here, there] = [newServer(), newServer()];
    const thread = here.newThread();
    const quiet = await open(here.channel, ben);
    const spoken = await open(thread, ben, ann);
    await open(there.channel, ann);
    const ofPlace = await demand({ place: thread, text: "x" });
    const ofPersona = await demand({
      place: thread,
      kind: "persona",
      persona: TUTOR,
      text: "x",
    });
    const ofAnn = await demand({ place: thread, kind: "person", about: ann.id, text: "x" });
    expect(await store.notes.readersOf(ofPlace)).toEqual([spoken]);
    expect(await store.notes.readersOf(ofPersona)).toEqual([quiet, spoken]);
    expect(await store.notes.readersOf(ofAnn)).toEqual([spoken]);
  });
});
