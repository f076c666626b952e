import { describe, expect, it } from "vitest";
import { toChannelId, toGuildId, toRoleId, toUserId } from "../../src/chat/ids.ts";
import type { SettingsScope } from "../../src/chat/settings/settings.ts";
import type { Store } from "../../src/store/open-store.ts";
import { DATABASE_KINDS } from "../support/database.ts";
import { provideStore } from "../support/provide-store.ts";

const ann = toUserId("300000000000000001");
const ben = toUserId("300000000000000002");

let lastId = 100_000_000_000_000_000n;

function nextId(): string {
  lastId += 1n;
  return String(lastId);
}

function newPlace(): SettingsScope & { readonly kind: "place" } {
  return { kind: "place", id: toChannelId(nextId()) };
}

describe.each(DATABASE_KINDS)("settings in %s", (kind) => {
  let store: Store;

  provideStore(kind, (provided) => {
    ({ store } = provided);
  });

  async function read(scope: SettingsScope) {
    const [overrides] = await store.settings.read([scope]);
    return overrides;
  }

  it("are those of their scope alone, in the order in which they are asked for", async () => {
    const id = nextId();
    const place = { kind: "place", id: toChannelId(id) } as const;
    const guild = { kind: "guild", id: toGuildId(id) } as const;
    await store.settings.change(place, { speak: "always", wakeWords: ["a\0b"] });
    await store.settings.change(guild, { speak: "never", showThoughts: true });
    expect(await store.settings.read([guild, newPlace(), place])).toEqual([
      { speak: "never", showThoughts: true },
      {},
      { speak: "always", wakeWords: ["a\uFFFDb"] },
    ]);
  });

  it("change where they are named, and are taken back where they are undefined", async () => {
    const scope = newPlace();
    await store.settings.change(scope, { speak: "mention", answerIn: "thread" });
    await store.settings.change(scope, { answerIn: "place", personaWebhook: false });
    await store.settings.change(scope, { speak: undefined, wakeWords: [] });
    expect(await read(scope)).toEqual({ answerIn: "place", personaWebhook: false, wakeWords: [] });
    await store.settings.change(scope, {});
    expect(await read(scope)).toEqual({ answerIn: "place", personaWebhook: false, wakeWords: [] });
  });

  it("change in their named parts, where they have parts", async () => {
    const scope = newPlace();
    const stop = ["\n", 'Ann: "Hi"'];
    const pest = toRoleId("5");
    await store.settings.change(scope, {
      sampling: { temperature: 0.25, seed: 4_294_967_295, stop },
      access: { deniedRoles: [pest], allowedUsers: [ann] },
    });
    await store.settings.change(scope, {
      speak: "always",
      sampling: { temperature: 1, seed: undefined, topK: 3 },
      access: { allowedUsers: [] },
    });
    expect(await read(scope)).toEqual({
      speak: "always",
      sampling: { temperature: 1, topK: 3, stop },
      access: { allowedRoles: [], allowedUsers: [], deniedRoles: [pest], deniedUsers: [] },
    });
    await store.settings.change(scope, {
      sampling: { temperature: undefined, topK: undefined, stop: undefined },
      access: undefined,
    });
    expect(await read(scope)).toEqual({ speak: "always" });
  });

  it("lose nothing when two people change them at once", async () => {
    const scope = newPlace();
    await Promise.all([
      store.settings.change(scope, { speak: "always", sampling: { topK: 3 } }),
      store.settings.change(scope, { answerIn: "thread", sampling: { topP: 0.5 } }),
      store.settings.change(scope, { showThoughts: true, sampling: { seed: 7 } }),
    ]);
    expect(await read(scope)).toEqual({
      speak: "always",
      answerIn: "thread",
      showThoughts: true,
      sampling: { topK: 3, topP: 0.5, seed: 7 },
    });
  });

  it("are forgotten with a channel and its threads, and stay when a server is closed", async () => {
    const guildId = toGuildId(nextId());
    const guild = { kind: "guild", id: guildId } as const;
    const [channel, thread] = [newPlace(), newPlace()];
    const places = [
      { kind: "channel", id: channel.id, guildId },
      { kind: "thread", id: thread.id, guildId, parentId: channel.id },
    ] as const;
    for (const place of places) await store.conversations.open({ place, isParticipant: true });
    for (const scope of [guild, channel, thread]) {
      await store.settings.change(scope, { speak: "always" });
    }
    await store.conversations.closeGuild(guildId);
    await store.conversations.forgetPlace(channel.id);
    expect(await store.settings.read([guild, channel, thread])).toEqual([
      { speak: "always" },
      {},
      {},
    ]);
  });

  describe("usage", () => {
    async function reply(
      guildId: ReturnType<typeof toGuildId>,
      userId: typeof ann,
      tokens: number,
    ) {
      const place = { kind: "channel", id: toChannelId(nextId()), guildId } as const;
      const { id } = await store.conversations.open({ place, isParticipant: false });
      const replyId = await store.replies.begin(id, { model: "m", askedBy: userId });
      const ending = { text: "Hi", thoughts: undefined, reason: "stop", usage: undefined } as const;
      const charge = { guildId, userId, tokens };
      await store.replies.end(replyId, { ...ending, count: undefined, charge });
      await store.replies.end(replyId, { ...ending, count: undefined, charge });
      return place;
    }

    it("counts each reply once, for its person in its server", async () => {
      const [here, there] = [toGuildId(nextId()), toGuildId(nextId())];
      await reply(here, ann, 10);
      await reply(here, ann, 20);
      await reply(here, ben, 30);
      await reply(there, ann, 40);
      const used = await store.usages.read(here, ann);
      expect(used.map(({ tokens }) => tokens)).toEqual([10, 20]);
      expect(used.every(({ ageMs }) => ageMs >= 0 && ageMs < 60_000)).toBe(true);
      expect(await store.usages.read(there, ben)).toEqual([]);
    });

    it("counts what has been forgotten since", async () => {
      const guildId = toGuildId(nextId());
      const place = await reply(guildId, ann, 10);
      await store.conversations.forgetPlace(place.id);
      expect(await store.usages.read(guildId, ann)).toMatchObject([{ tokens: 10 }]);
    });
  });
});
