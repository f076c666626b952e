import { expect, it } from "vitest";
import { toRoleId, toUserId } from "../../../src/chat/ids.ts";
import type { Place } from "../../../src/chat/place.ts";
import { mayUse } from "../../../src/chat/settings/access.ts";
import { DEFAULT_SETTINGS } from "../../../src/chat/settings/settings.ts";
import type { Access, Channels } from "../../../src/chat/settings/settings.ts";
import { channel, direct, thread } from "../../support/turns.ts";

const friend = toRoleId("71");
const pest = toRoleId("72");
const everyone = toRoleId(channel.guildId);
const ada = { userId: toUserId("1"), roles: [friend] };
const ben = { userId: toUserId("2"), roles: [] };
const eve = { userId: toUserId("3"), roles: [friend, pest] };

const { access: open } = DEFAULT_SETTINGS;

const rules: readonly [string, Partial<Access>, readonly boolean[]][] = [
  ["nothing is set", {}, [true, true, true]],
  ["a role is allowed", { allowedRoles: [friend] }, [true, false, true]],
  ["a person is allowed", { allowedUsers: [ben.userId] }, [false, true, false]],
  ["either is allowed", { allowedRoles: [friend], allowedUsers: [ben.userId] }, [true, true, true]],
  ["a role is denied", { deniedRoles: [pest] }, [true, true, false]],
  ["a person is denied", { deniedUsers: [ada.userId] }, [false, true, true]],
  [
    "someone allowed is denied, too",
    { allowedRoles: [friend], deniedRoles: [pest] },
    [true, false, false],
  ],
  ["everyone is allowed", { allowedRoles: [everyone] }, [true, true, true]],
  ["everyone is denied", { deniedRoles: [everyone] }, [false, false, false]],
];

it.each(rules)("answers whom it may where %s", (_what, access, expected) => {
  const settings = { ...DEFAULT_SETTINGS, access: { ...open, ...access } };
  const answers = [ada, ben, eve].map((who) => mayUse(settings, channel, who) === "yes");
  expect(answers).toEqual(expected);
  expect([ada, ben, eve].map((who) => mayUse(settings, direct, who))).toEqual(Array(3).fill("yes"));
});

const other: Place = { ...channel, id: direct.id };

const channelRules: readonly [string, Partial<Channels>, readonly boolean[]][] = [
  ["a channel is allowed", { allowed: [channel.id] }, [true, true, false]],
  ["a channel is denied", { denied: [channel.id] }, [false, false, true]],
  ["it is both", { allowed: [channel.id], denied: [channel.id] }, [false, false, false]],
];

it.each(channelRules)(
  "answers where it may where %s, its threads as itself",
  (_what, channels, expected) => {
    const settings = {
      ...DEFAULT_SETTINGS,
      channels: { ...DEFAULT_SETTINGS.channels, ...channels },
    };
    const answers = [channel, thread, other].map((place) => mayUse(settings, place, ada) === "yes");
    expect(answers).toEqual(expected);
  },
);
