import { expect, it } from "vitest";
import { toReadableText } from "../../../src/discord/said/readable-text.ts";

const names = {
  selfId: "1",
  userName: (id: string) => (id === "2" ? "Ada" : undefined),
  channelName: (id: string) => (id === "3" ? "general" : undefined),
  roleName: (id: string) => (id === "4" ? "Mods" : undefined),
};

it.each([
  ["<@1> hello", "hello"],
  ["<@!1>, <@1>: hello <@2>", "hello @Ada"],
  ["<@2> and <@9>", "@Ada and @someone"],
  ["<@&4> and <@&9>", "@Mods and @a role"],
  ["in <#3>, not in <#9>", "in #general, not in #a channel"],
  ["<:wave:123> <a:dance:456>", ":wave: :dance:"],
  [
    "see <id:customize> and <id:guide> and <id:linked-roles:77>",
    "see Channels & Roles and Server Guide and Linked Roles",
  ],
  ["<id:unheard-of>", "<id:unheard-of>"],
  ["try </persona use:123> or </ask:4>", "try /persona use or /ask"],
  ["at <t:1618953630>", "at 2021-04-20 21:20 UTC"],
  [
    "<t:1618953630:t>|<t:1618953630:T>|<t:1618953630:d>|<t:1618953630:D>",
    "21:20 UTC|21:20:30 UTC|2021-04-20|2021-04-20",
  ],
  ["<t:1618953630:R>, <t:-1:F>", "2021-04-20 21:20 UTC, 1969-12-31 23:59 UTC"],
  ["<t:9999999999999:R>", "<t:9999999999999:R>"],
  ["`<@2>` and ``<#3>`` but <@2>", "`<@2>` and ``<#3>`` but @Ada"],
  ["```\n<t:1:R>\n``` <@2>", "```\n<t:1:R>\n``` @Ada"],
])("reads %j as %j", (content, text) => {
  expect(toReadableText(content, names)).toBe(text);
});
