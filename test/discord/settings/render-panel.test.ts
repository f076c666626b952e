import { ComponentType } from "discord.js";
import type { APIMessageComponent } from "discord.js";
import { expect, it } from "vitest";
import { toChannelId, toRoleId, toUserId } from "../../../src/chat/ids.ts";
import { DEFAULT_SETTINGS } from "../../../src/chat/settings/settings.ts";
import type { SettingsOverrides } from "../../../src/chat/settings/settings.ts";
import { toForm } from "../../../src/discord/settings/forms.ts";
import type { Level } from "../../../src/discord/settings/inheritance.ts";
import { pagesOf } from "../../../src/discord/settings/pages.ts";
import { parsePanelId, toPanelId } from "../../../src/discord/settings/panel-id.ts";
import type { PanelScope } from "../../../src/discord/settings/panel-id.ts";
import { renderPanel } from "../../../src/discord/settings/render-panel.ts";
import type { PanelView } from "../../../src/discord/settings/panel-view.ts";
import type { Panel } from "../../../src/discord/settings/render-panel.ts";
import { GREEDY } from "../../support/model.ts";

const SCOPES: readonly PanelScope[] = ["thread", "channel", "server", "direct"];

const own = (overrides: SettingsOverrides): Level => ({ source: "own", overrides });
const server = (overrides: SettingsOverrides): Level => ({ source: "server", overrides });

function view(given: Partial<PanelView>): PanelView {
  const scope = given.scope ?? "channel";
  return {
    scope,
    page: pagesOf(scope)[0],
    scopes: [
      { scope: "channel", isOpen: true },
      { scope: "server", isOpen: false },
    ],
    language: "en",
    known: undefined,
    levels: [own({})],
    defaults: DEFAULT_SETTINGS,
    sampling: GREEDY,
    persona: {},
    ...given,
  };
}

type Inner = Exclude<APIMessageComponent, { type: ComponentType.ActionRow }>;

function innerOf({ components }: Panel): Inner[] {
  return components.flatMap((row) => row.components as Inner[]);
}

/** What is shown as chosen in the select whose id ends so. */
function chosenIn(panel: Panel, idEnd: string): readonly unknown[] {
  const select = innerOf(panel).find((one) => "custom_id" in one && one.custom_id.endsWith(idEnd));
  if (select !== undefined && "options" in select) {
    return select.options.filter((option) => option.default === true).map(({ label }) => label);
  }
  if (select !== undefined && "default_values" in select) return select.default_values ?? [];
  throw new Error(`no select ${idEnd}`);
}

function ids(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `10000000000000000${index}`.slice(-20));
}

/** As much as can be set. */
const FULL: SettingsOverrides = {
  speak: "mention",
  wakeWords: Array.from({ length: 20 }, (_, index) => `${index}`.padEnd(50, "`")),
  answerIn: "thread",
  controlledBy: "everyone",
  showThoughts: true,
  personaWebhook: false,
  overheardMessages: 50,
  access: {
    allowedRoles: ids(100).map(toRoleId),
    allowedUsers: ids(100).map(toUserId),
    deniedRoles: ids(100).map(toRoleId),
    deniedUsers: ids(100).map(toUserId),
  },
  channels: { allowed: ids(100).map(toChannelId), denied: ids(100).map(toChannelId) },
  quota: { repliesPerHour: 1e9, repliesPerDay: 1e9, tokensPerHour: 1e9, tokensPerDay: 1e9 },
  tellTime: false,
  timeZone: "America/Argentina/ComodRivadavia",
  sampling: { ...GREEDY, stop: Array.from({ length: 4 }, () => "\n".repeat(64)) },
};

it("stays within what Discord takes on every page, in both languages, however much is set", () => {
  for (const scope of SCOPES) {
    for (const page of pagesOf(scope)) {
      for (const language of ["en", "de"] as const) {
        for (const levels of [[own({})], [own(FULL)], [own({}), server(FULL)]]) {
          const panel = renderPanel(view({ scope, page, language, levels }));
          expect(panel.content.length).toBeLessThanOrEqual(2_000);
          expect(panel.components.length).toBeLessThanOrEqual(5);
          const customIds = innerOf(panel).map((one) => ("custom_id" in one ? one.custom_id : ""));
          expect(new Set(customIds).size).toBe(customIds.length);
          for (const id of customIds) expect(parsePanelId(id)?.scope).toBeDefined();
          for (const label of labelsOf(panel)) expect(label.length).toBeLessThanOrEqual(80);
        }
      }
    }
  }
});

/** Options may have 100 characters, buttons 80. */
function labelsOf(panel: Panel): string[] {
  return innerOf(panel).flatMap((one) => {
    if (one.type === ComponentType.Button) return "label" in one ? [one.label ?? ""] : [];
    return "options" in one ? one.options.map(({ label }) => label.slice(0, -20)) : [];
  });
}

it("opens forms that Discord takes, whatever they hold", () => {
  for (const language of ["en", "de"] as const) {
    for (const levels of [[own({})], [own(FULL)], [own({}), server(FULL)]]) {
      for (const form of [
        "wakeWords",
        "overheard",
        "quota",
        "numbers",
        "ends",
        "timeZone",
      ] as const) {
        const request = { id: "settings:server:quota:form:quota", form, language };
        const { components } = toForm(view({ levels }), request).toJSON();
        for (const label of components) {
          const input = label.type === ComponentType.Label ? label.component : undefined;
          if (input?.type !== ComponentType.TextInput) throw new Error("no text field");
          expect((input.value ?? "").length).toBeLessThanOrEqual(input.max_length ?? 0);
        }
      }
    }
  }
});

it("says of each setting what holds and where it comes from", () => {
  const levels = [own({ speak: "never" }), server({ answerIn: "thread", wakeWords: ["hey"] })];
  const panel = renderPanel(view({ levels }));
  expect(panel.content.split("\n")).toEqual([
    "### This channel: When I answer",
    "**I answer**: never *(set here)*",
    "**I answer mentions**: in a new thread *(from the server)*",
    "**Wake words**: `hey` *(from the server)*",
    "**Messages of others that I read along**: 0 *(default)*",
    "-# ↩ takes back what is set here.",
  ]);
  expect(chosenIn(panel, ":speak")).toEqual(["I answer: never"]);
  expect(chosenIn(panel, ":answerIn")).toEqual(["↩ I answer mentions: in a new thread"]);
});

it("says so in German", () => {
  const panel = renderPanel(view({ language: "de", levels: [own({ wakeWords: ["he"] })] }));
  expect(panel.content.split("\n")).toEqual([
    "### Dieser Kanal: Wann ich antworte",
    "**Ich antworte**: in meinen Threads, sonst wenn ich erwähnt werde *(Vorgabe)*",
    "**Erwähnungen beantworte ich**: da, wo sie stehen *(Vorgabe)*",
    "**Weckwörter**: `he` *(hier gesetzt)*",
    "**Nachrichten anderer, die ich mitlese**: 0 *(Vorgabe)*",
    "-# ↩ nimmt zurück, was hier gesetzt ist.",
  ]);
});

it("offers to take back only what the scope itself sets", () => {
  const levels = [own({ wakeWords: [] }), server({ overheardMessages: 3 })];
  const buttons = innerOf(renderPanel(view({ levels }))).flatMap((one) =>
    one.type === ComponentType.Button && "custom_id" in one && one.custom_id.includes(":inherit:")
      ? [[one.label, one.disabled]]
      : [],
  );
  expect(buttons).toEqual([
    ["↩ Wake words", false],
    ["↩ Messages of others", true],
  ]);
});

it("shows who is chosen, but nobody whom the server has no more", () => {
  const access = {
    allowedRoles: ["5", "6"].map(toRoleId),
    allowedUsers: [toUserId("7")],
    deniedRoles: [],
    deniedUsers: [],
  };
  const known = { roles: new Set(["6"]), channels: new Set<string>() };
  const panel = renderPanel(view({ page: "people", levels: [own({ access })], known }));
  expect(panel.content).toContain("**Allowed**: <@&5>, <@&6>, <@7> *(set here)*");
  expect(panel.content).toContain("**Denied**: nobody *(set here)*");
  expect(chosenIn(panel, ":allowed")).toEqual([
    { id: "6", type: "role" },
    { id: "7", type: "user" },
  ]);
  expect(chosenIn(panel, ":denied")).toEqual([]);
});

it("lets a persona's sampling go between the channel's and the server's", () => {
  const levels = [
    own({ sampling: { topK: 7 } }),
    server({ sampling: { topP: 0.5, minP: 0.1, topK: 9 } }),
  ];
  const persona = { topP: 0.25, topK: 8 };
  const { content } = renderPanel(view({ page: "sampling", levels, persona }));
  expect(content).toContain("**Top-k**: 7 *(set here)*");
  expect(content).toContain("**Top-p**: 0.25 *(from the persona)*");
  expect(content).toContain("**Min-p**: 0.1 *(from the server)*");
  expect(content).toContain("**Temperature**: 0 *(default)*");
});

it("shows the scopes that may not be changed, but offers none of them", () => {
  const [scopes] = renderPanel(view({})).components;
  expect(scopes?.components).toMatchObject([
    { label: "This channel", disabled: true, style: 1 },
    { label: "The whole server", disabled: true, style: 2 },
  ]);
});

it("knows only ids of its own", () => {
  const id = { scope: "server", page: "quota", action: "form", detail: "quota" } as const;
  expect(parsePanelId(toPanelId(id))).toEqual(id);
  for (const foreign of ["reply:stop", "settings", "settings:here:quota:form", "settings:server"]) {
    expect(parsePanelId(foreign)).toBeUndefined();
  }
});
