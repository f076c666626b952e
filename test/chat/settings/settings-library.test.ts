import { describe, expect, it } from "vitest";
import { toChannelId, toUserId } from "../../../src/chat/ids.ts";
import { findSamplingSource, toSampling } from "../../../src/chat/settings/effective-sampling.ts";
import { SettingsLibrary } from "../../../src/chat/settings/settings-library.ts";
import { DEFAULT_SETTINGS } from "../../../src/chat/settings/settings.ts";
import type { SettingsChange, SettingsScope } from "../../../src/chat/settings/settings.ts";
import { MemorySettings } from "../../support/settings.ts";
import { channel, direct, thread } from "../../support/turns.ts";

const guild: SettingsScope = { kind: "guild", id: thread.guildId };
const parent: SettingsScope = { kind: "place", id: channel.id };
const place: SettingsScope = { kind: "place", id: thread.id };

it("has a time zone's own name, however it was set", async () => {
  const library = new SettingsLibrary(new MemorySettings());
  await library.change(guild, { timeZone: "new york" });
  expect((await library.effective(thread)).values.timeZone).toBe("America/New_York");
});

describe("what holds in a place", () => {
  it("is the default where nobody sets anything", async () => {
    const library = new SettingsLibrary(new MemorySettings(), { showThoughts: true });
    const { sources, values } = await library.effective(thread);
    expect(values).toEqual({ ...DEFAULT_SETTINGS, showThoughts: true });
    expect(new Set(Object.values(sources))).toEqual(new Set(["default"]));
  });

  it("is the nearest: the place's, its channel's, its server's", async () => {
    const library = new SettingsLibrary(new MemorySettings());
    await library.change(guild, { speak: "never", answerIn: "thread", overheardMessages: 5 });
    await library.change(parent, { speak: "always", answerIn: "place" });
    await library.change(place, { speak: "mention" });
    const { sources, values } = await library.effective(thread);
    expect(values).toMatchObject({ speak: "mention", answerIn: "place", overheardMessages: 5 });
    expect(sources).toMatchObject({
      speak: "place",
      answerIn: "parent",
      overheardMessages: "guild",
      wakeWords: "default",
    });
    expect((await library.effective(channel)).sources.speak).toBe("place");
    expect((await library.effective(direct)).values).toEqual(DEFAULT_SETTINGS);
  });

  it("holds from the change on, and what is taken back holds no more", async () => {
    const library = new SettingsLibrary(new MemorySettings());
    await library.change(guild, { speak: "never" });
    expect((await library.effective(thread)).values.speak).toBe("never");
    await library.change(guild, { speak: undefined });
    expect((await library.effective(thread)).values.speak).toBe("joined");
    expect(await library.overrides(guild)).toEqual({});
  });

  it("is read once, and again after a change or a failure", async () => {
    const store = new MemorySettings();
    const library = new SettingsLibrary(store);
    await Promise.all([library.effective(thread), library.effective(thread)]);
    await library.effective(channel);
    expect(store.reads).toBe(1);
    await library.change(place, { speak: "always" });
    await library.effective(thread);
    expect(store.reads).toBe(2);
    library.forget(thread.id);
    store.isAway = true;
    await expect(library.effective(thread)).rejects.toThrow("The database is away");
    store.isAway = false;
    expect((await library.effective(thread)).values.speak).toBe("always");
  });
});

it("keeps the settings of thousands of places, and not of all there ever were", async () => {
  const store = new MemorySettings();
  const library = new SettingsLibrary(store);
  const places = Array.from({ length: 5_001 }, (_, id) => toChannelId(String(id)));
  for (const id of places) await library.effective({ kind: "direct", id });
  expect(store.reads).toBe(5_001);
  for (const id of places.slice(1)) await library.effective({ kind: "direct", id });
  expect(store.reads).toBe(5_001);
  await library.effective({ kind: "direct", id: toChannelId("0") });
  expect(store.reads).toBe(5_002);
});

const refused: readonly [string, SettingsScope, SettingsChange, object][] = [
  ["a quota of a place", place, { quota: { repliesPerHour: 1 } }, { kind: "setting-of-server" }],
  ["channels of a place", place, { channels: { denied: [] } }, { kind: "setting-of-server" }],
  ["a time zone of a place", place, { timeZone: "UTC" }, { kind: "setting-of-server" }],
  [
    "a time zone that is none",
    guild,
    { timeZone: "Middle-earth" },
    { kind: "setting-malformed", name: "timeZone" },
  ],
  [
    "a quota of nothing",
    guild,
    { quota: { tokensPerDay: 0 } },
    { kind: "setting-malformed", name: "quota" },
  ],
  [
    "too many messages",
    place,
    { overheardMessages: 51 },
    { kind: "setting-malformed", name: "overheardMessages" },
  ],
  [
    "a wake word without letters",
    place,
    { wakeWords: ["?!"] },
    { kind: "setting-malformed", name: "wakeWords" },
  ],
  [
    "more people than a list holds",
    place,
    { access: { deniedUsers: Array.from({ length: 101 }, (_, id) => toUserId(String(id))) } },
    { kind: "setting-malformed", name: "access" },
  ],
  [
    "a temperature out of range",
    place,
    { sampling: { temperature: 9 } },
    { kind: "sampling-out-of-range", name: "temperature" },
  ],
];

it.each(refused)("refuses %s, and changes nothing", async (_what, scope, change, problem) => {
  const library = new SettingsLibrary(new MemorySettings());
  await expect(library.change(scope, change)).rejects.toMatchObject({ problem });
  expect(await library.overrides(scope)).toEqual({});
});

it("samples with the nearest value: thread, channel, persona, server, configuration", () => {
  const defaults = {
    temperature: 0,
    topP: 0.1,
    topK: 1,
    minP: 0,
    repeatPenalty: 1,
    seed: undefined,
    stop: [],
  };
  const layers = {
    place: { temperature: 1 },
    parent: { temperature: 2, topP: 0.2 },
    guild: { temperature: 4, topP: 0.4, topK: 4, minP: 0.4 },
  };
  const persona = { temperature: 3, topP: 0.3, topK: 3 };
  const parts = { layers, persona, defaults };
  expect(toSampling(parts)).toEqual({ ...defaults, temperature: 1, topP: 0.2, topK: 3, minP: 0.4 });
  const names = ["temperature", "topP", "topK", "minP", "seed"] as const;
  expect(names.map((name) => findSamplingSource(name, parts))).toEqual([
    "place",
    "parent",
    "persona",
    "guild",
    "default",
  ]);
});
