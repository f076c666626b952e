import { describe, expect, it } from "vitest";
import type { Conversation } from "../../src/chat/conversation.ts";
import { toChannelId, toGuildId, toMessageId, toUserId } from "../../src/chat/ids.ts";
import type { GuildId } from "../../src/chat/ids.ts";
import { createPersonaContent } from "../../src/chat/persona/persona.ts";
import type { Persona, PersonaContent } from "../../src/chat/persona/persona.ts";
import type { Place, Speaker } from "../../src/chat/place.ts";
import type { Store } from "../../src/store/open-store.ts";
import { DATABASE_KINDS } from "../support/database.ts";
import { provideStore } from "../support/provide-store.ts";

const ann: Speaker = { id: toUserId("300000000000000001"), name: "Ann" };
const ben: Speaker = { id: toUserId("300000000000000002"), name: "Ben" };

let lastId = 200_000_000_000_000_000n;

/** Every test has servers and places of its own. */
function nextId(): string {
  lastId += 1n;
  return String(lastId);
}

interface Server {
  readonly guildId: GuildId;
  readonly channel: Place & { readonly kind: "channel" };
  newThread(): Place & { readonly kind: "thread" };
}

function newServer(): Server {
  const guildId = toGuildId(nextId());
  const channel = { kind: "channel", id: toChannelId(nextId()), guildId } as const;
  const newThread = () =>
    ({ kind: "thread", id: toChannelId(nextId()), guildId, parentId: channel.id }) as const;
  return { guildId, channel, newThread };
}

function contentOf(name: string, overrides: Partial<PersonaContent> = {}): PersonaContent {
  return createPersonaContent({ name, systemPrompt: `You are ${name}.`, ...overrides });
}

describe.each(DATABASE_KINDS)("personas on %s", (kind) => {
  let store: Store;

  provideStore(kind, (provided) => {
    ({ store } = provided);
  });

  async function create(guildId: GuildId | undefined, content: PersonaContent): Promise<Persona> {
    const persona = await store.personas.create(guildId, content, ann);
    if (persona === undefined) throw new Error("The name is taken");
    return persona;
  }

  async function open(place: Place): Promise<Conversation> {
    return await store.conversations.open({ place, isParticipant: true });
  }

  async function use(place: Place, { id }: Persona, version?: number): Promise<void> {
    const scope = { kind: "place", id: place.id } as const;
    await store.personas.use(scope, { persona: { kind: "stored", id }, version });
  }

  async function useInServer({ guildId }: Server, name: string): Promise<void> {
    const persona = { kind: "built-in", name } as const;
    await store.personas.use({ kind: "guild", id: guildId }, { persona, version: undefined });
  }

  /** Read both ways, which agree. */
  async function effectiveIn(place: Place) {
    const effective = await store.personas.effective(place);
    const conversation = await store.conversations.find(place.id);
    const read = conversation === undefined ? effective : conversation.persona;
    expect(read).toEqual(effective);
    return effective;
  }

  describe("in a library", () => {
    it("name their card where they are in use, and nothing where they came from none", async () => {
      const { channel, guildId } = newServer();
      const plain = await create(guildId, contentOf("Plain"));
      const { id } = await create(guildId, contentOf("Rosie", { card: { a: 1 } }));
      for (const [personaId, lorebook] of [
        [plain.id, undefined],
        [id, id],
      ] as const) {
        const used = { persona: { kind: "stored", id: personaId }, version: undefined } as const;
        await store.personas.use({ kind: "guild", id: guildId }, used);
        expect((await store.personas.effective(channel))?.lorebook).toBe(lorebook);
      }
    });

    it("come back whole, with who made them and their card", async () => {
      const content = contentOf("Rosie", {
        alternateGreetings: ["Meow", "Purr"],
        sampling: { temperature: 0.5, stop: ["\n"] },
        card: { spec: "chara_card_v2", extensions: { odd: [1, null, "é"] } },
      });
      const { id } = await create(newServer().guildId, content);
      const version = await store.personas.version(id);
      expect(version).toMatchObject({ number: 1, content, changedBy: ann });
      expect(version?.changedAt).toBeInstanceOf(Date);
    });

    it("keep what PostgreSQL has no text for as a mark", async () => {
      const content = contentOf("Rosie", { scenario: "a\0b\ud83d", card: { "k\0": "\udc00" } });
      const { id } = await create(newServer().guildId, content);
      const version = await store.personas.version(id);
      expect(version?.content.scenario).toBe("a\uFFFDb\uFFFD");
      expect(version?.content.card).toEqual({ "k\uFFFD": "\uFFFD" });
    });

    it("have one name each, whatever the case, beside those of other libraries", async () => {
      const [here, elsewhere] = [newServer(), newServer()];
      await create(here.guildId, contentOf("Rosie"));
      await create(elsewhere.guildId, contentOf("Rosie"));
      const shared = await create(undefined, contentOf(`Rosie of ${kind}`));
      expect(await store.personas.create(here.guildId, contentOf("ROSIE"), ben)).toBeUndefined();
      const ofOwner = contentOf(shared.name.toUpperCase());
      expect(await store.personas.create(undefined, ofOwner, ben)).toBeUndefined();
    });

    it("are listed for their server, together with the owner's, by name", async () => {
      const { guildId } = newServer();
      const zoe = await create(guildId, contentOf("zoe"));
      const adam = await create(guildId, contentOf("Adam"));
      const shared = await create(undefined, contentOf(`Max ${nextId()}`));
      const listed = await store.personas.list(guildId);
      const seen = listed.filter(({ id }) => [zoe.id, adam.id, shared.id].includes(id));
      expect(seen).toEqual([adam, shared, zoe]);
      const shown = await store.personas.list(undefined);
      expect(shown.every((persona) => persona.guildId === undefined)).toBe(true);
    });

    it("get a new version with each change, and keep the old ones", async () => {
      const { guildId } = newServer();
      const { id } = await create(guildId, contentOf("Rosie", { card: { a: 1 } }));
      const renamed = contentOf("Rosa", { scenario: "A kitchen." });
      expect(await store.personas.change(id, renamed, ben)).toBe(2);
      expect((await store.personas.list(guildId)).find((one) => one.id === id)?.name).toBe("Rosa");
      const versions = await store.personas.versions(id, 10);
      expect(
        versions.map(({ changedBy, content, number }) => [number, content.name, changedBy]),
      ).toEqual([
        [2, "Rosa", ben],
        [1, "Rosie", ann],
      ]);
      expect(await store.personas.versions(id, 1)).toHaveLength(1);
      expect((await store.personas.version(id))?.content).toEqual({ ...renamed, card: { a: 1 } });
      expect(await store.personas.version(id, 3)).toBeUndefined();
    });

    it("number changes that come at once one after the other", async () => {
      const { id } = await create(newServer().guildId, contentOf("Rosie"));
      const changes = Array.from({ length: 5 }, (_, index) =>
        store.personas.change(id, contentOf("Rosie", { scenario: String(index) }), ben),
      );
      const numbers = await Promise.all(changes);
      expect(new Set(numbers)).toEqual(new Set([2, 3, 4, 5, 6]));
      expect(await store.personas.versions(id, 10)).toHaveLength(6);
    });

    it("cannot take a name that another has, nor change when they are gone", async () => {
      const { guildId } = newServer();
      const { id } = await create(guildId, contentOf("Rosie"));
      await create(guildId, contentOf("Max"));
      expect(await store.personas.change(id, contentOf("MAX"), ann)).toBeUndefined();
      expect((await store.personas.version(id))?.number).toBe(1);
      expect(await store.personas.change(id, contentOf("rosie"), ann)).toBe(2);
      expect(await store.personas.remove(id)).toBe(true);
      expect(await store.personas.remove(id)).toBe(false);
      expect(await store.personas.change(id, contentOf("Rosie"), ann)).toBeUndefined();
      expect(await store.personas.version(id)).toBeUndefined();
    });
  });

  describe("in use", () => {
    it("hold in the thread before the channel before the server", async () => {
      const server = newServer();
      const thread = server.newThread();
      await open(thread);
      expect(await effectiveIn(thread)).toBeUndefined();
      await useInServer(server, "Hermes");
      expect(await effectiveIn(thread)).toMatchObject({
        source: "guild",
        content: { name: "Hermes" },
        version: undefined,
      });
      await use(server.channel, await create(server.guildId, contentOf("Rosie")));
      expect(await effectiveIn(thread)).toMatchObject({
        source: "parent",
        content: { name: "Rosie" },
      });
      await use(thread, await create(server.guildId, contentOf("Max")));
      expect(await effectiveIn(thread)).toMatchObject({
        source: "place",
        isInherited: false,
        content: { name: "Max" },
      });
      await store.personas.use({ kind: "place", id: thread.id }, undefined);
      expect(await effectiveIn(thread)).toMatchObject({ content: { name: "Rosie" } });
      expect(await effectiveIn(server.channel)).toMatchObject({ source: "place" });
    });

    it("follow their newest version, or stay with the one that was pinned", async () => {
      const server = newServer();
      const persona = await create(server.guildId, contentOf("Rosie"));
      const thread = server.newThread();
      await use(server.channel, persona);
      await use(thread, persona, 1);
      await store.personas.change(persona.id, contentOf("Rosie", { scenario: "New" }), ann);
      expect(await effectiveIn(server.channel)).toMatchObject({
        content: { scenario: "New" },
        version: { number: 2, isNewest: true },
        followsNewest: true,
      });
      expect(await effectiveIn(thread)).toMatchObject({
        content: { scenario: "" },
        version: { number: 1, isNewest: false },
        followsNewest: false,
      });
    });

    it("stay with a thread as they were when it began", async () => {
      const server = newServer();
      const persona = await create(server.guildId, contentOf("Rosie"));
      await use(server.channel, persona);
      const thread = server.newThread();
      expect((await open(thread)).persona).toMatchObject({ content: { name: "Rosie" } });
      await store.personas.change(persona.id, contentOf("Rosie", { scenario: "New" }), ann);
      await use(server.channel, await create(server.guildId, contentOf("Max")));
      expect(await effectiveIn(thread)).toMatchObject({
        source: "place",
        isInherited: true,
        content: { name: "Rosie", scenario: "" },
        version: { number: 1, isNewest: false },
      });
    });

    it("do not come into a thread that has begun without them", async () => {
      const server = newServer();
      const thread = server.newThread();
      const { id } = await open(thread);
      const said = { messageId: toMessageId(nextId()), role: "user", speaker: ann } as const;
      await store.conversations.record(id, { ...said, text: "Hello" });
      await useInServer(server, "Hermes");
      await open(thread);
      expect(await effectiveIn(thread)).toMatchObject({ source: "guild", isInherited: false });
    });

    it("fall back to what holds above when they are deleted", async () => {
      const server = newServer();
      const thread = server.newThread();
      const persona = await create(server.guildId, contentOf("Rosie"));
      await use(thread, persona);
      await useInServer(server, "Tutor");
      await store.personas.remove(persona.id);
      expect(await effectiveIn(thread)).toMatchObject({ content: { name: "Tutor" } });
    });

    it("are forgotten with their place, also where its id is a server's", async () => {
      const guildId = toGuildId(nextId());
      const channel = { kind: "channel", id: toChannelId(guildId), guildId } as const;
      await open(channel);
      await use(channel, await create(guildId, contentOf("Rosie")));
      await useInServer({ ...newServer(), guildId }, "Hermes");
      await store.conversations.forgetPlace(channel.id);
      expect(await effectiveIn(channel)).toMatchObject({
        source: "guild",
        content: { name: "Hermes" },
      });
    });

    it("hold in direct messages, and are no one where a release has them no longer", async () => {
      const place: Place = { kind: "direct", id: toChannelId(nextId()) };
      const scope = { kind: "place", id: place.id } as const;
      const hermes = { kind: "built-in", name: "Hermes" } as const;
      await store.personas.use(scope, { persona: hermes, version: undefined });
      expect(await effectiveIn(place)).toMatchObject({ content: { name: "Hermes" } });
      const gone = { kind: "built-in", name: "Nobody" } as const;
      await store.personas.use(scope, { persona: gone, version: undefined });
      expect(await effectiveIn(place)).toBeUndefined();
    });

    it("come before a channel's system prompt only where they were chosen for the thread", async () => {
      const server = newServer();
      const persona = await create(server.guildId, contentOf("Rosie"));
      await use(server.channel, persona);
      await store.systemPrompts.change(server.channel.id, "You are a dog.", ann);
      const thread = server.newThread();
      expect((await open(thread)).systemPrompt).toBe("You are a dog.");
      const promptNow = async () => (await store.conversations.find(thread.id))?.systemPrompt;
      expect(await promptNow()).toBe("You are a dog.");
      await use(thread, persona);
      expect(await promptNow()).toBeUndefined();
      await store.systemPrompts.change(thread.id, "You are a fish.", ann);
      expect(await promptNow()).toBe("You are a fish.");
    });
  });

  describe("a greeting", () => {
    const greeting = {
      text: "Hello!",
      alternates: ["Hey.", "Hi"],
      count: { tokens: 7, basis: "b" },
    };

    it("is Familiar's own turn, whose message can be deleted as any other's", async () => {
      const conversation = await open(newServer().newThread());
      const replyId = await store.replies.greet(conversation.id, greeting);
      const messageId = toMessageId(nextId());
      await store.replies.savePart(replyId ?? -1, { messageId, index: 0, start: 0, end: 6 });
      expect(await store.conversations.view(conversation)).toMatchObject([
        { role: "assistant", speaker: undefined, text: "Hello!", count: greeting.count },
      ]);
      expect(await store.replies.unfinished()).toEqual([]);
      await store.conversations.forgetMessages(conversation.place.id, [messageId]);
      expect(await store.conversations.view(conversation)).toEqual([]);
    });

    it("has the others as variants of its turn, of which exactly one is active", async () => {
      const conversation = await open(newServer().newThread());
      await store.replies.greet(conversation.id, greeting);
      const last = await store.replies.last(conversation.id);
      expect(last?.variants.map(({ isActive, text }) => [text, isActive])).toEqual([
        ["Hello!", true],
        ["Hey.", false],
        ["Hi", false],
      ]);
      expect(await store.replies.activate(last?.variants[2]?.id ?? -1)).toBe(true);
      const [turn] = await store.conversations.view(conversation);
      expect(turn?.text).toBe("Hi");
    });

    it("comes after what a thread hangs on, and never where Familiar has spoken", async () => {
      const conversation = await open(newServer().newThread());
      const said = { messageId: toMessageId(nextId()), role: "user", speaker: ann } as const;
      await store.conversations.record(conversation.id, { ...said, text: "Look" });
      expect(await store.replies.greet(conversation.id, greeting)).toBeDefined();
      expect(await store.replies.greet(conversation.id, greeting)).toBeUndefined();
      const turns = await store.conversations.view(conversation);
      expect(turns.map(({ text }) => text)).toEqual(["Look", "Hello!"]);
    });
  });
});
