import {
  ActionRowBuilder,
  ButtonBuilder,
  ButtonStyle,
  ChannelSelectMenuBuilder,
  ChannelType,
  MentionableSelectMenuBuilder,
  SelectMenuDefaultValueType,
  StringSelectMenuBuilder,
} from "discord.js";
import type {
  APIActionRowComponent,
  APIComponentInMessageActionRow,
  MessageActionRowComponentBuilder,
} from "discord.js";
import type { Access, Channels } from "../../chat/settings/settings.ts";
import { settingsTexts } from "../texts/settings.ts";
import { describeChoice, peopleIn } from "./describe-value.ts";
import { describePage } from "./describe-page.ts";
import { findValue, isOwn, withoutOwn } from "./inheritance.ts";
import { hasPage, pageOf, pagesOf, PICK_LISTS } from "./pages.ts";
import type { Choice, Page, PickList, PickName } from "./pages.ts";
import { toPanelId } from "./panel-id.ts";
import type { PanelAction } from "./panel-id.ts";
import type { PanelView } from "./panel-view.ts";

type Row = APIActionRowComponent<APIComponentInMessageActionRow>;

/** What a select holds at most; Discord allows no more. */
const MAX_PICKED = 25;

/** The option of a choice that takes the scope's own value back. */
export const INHERIT = "inherit";

/** Where people write, and what threads hang under. */
const CHANNEL_TYPES = [
  ChannelType.GuildText,
  ChannelType.GuildAnnouncement,
  ChannelType.GuildForum,
  ChannelType.GuildMedia,
  ChannelType.GuildVoice,
  ChannelType.GuildStageVoice,
] as const;

export interface Panel {
  readonly content: string;
  readonly components: readonly Row[];
}

export function renderPanel(view: PanelView): Panel {
  const page = pageOf(view.scope, view.page);
  const buttons = toButtons(view, page);
  return {
    content: describePage(view, page),
    components: [
      ...(view.scopes.length > 1 ? [toScopes(view)] : []),
      toPages(view),
      ...page.choices.map((choice) => toChoice(view, choice)),
      ...toPicks(view, page.picks),
      ...(buttons.length === 0 ? [] : [toRow(...buttons)]),
    ],
  };
}

function toScopes({ language, page, scope: present, scopes }: PanelView): Row {
  const buttons = scopes.map(({ isOpen, scope }) => {
    const shown = hasPage(scope, page) ? page : pagesOf(scope)[0];
    return new ButtonBuilder()
      .setCustomId(toPanelId({ scope, page: shown, action: "show", detail: "" }))
      .setLabel(settingsTexts.scopes[scope][language])
      .setStyle(scope === present ? ButtonStyle.Primary : ButtonStyle.Secondary)
      .setDisabled(scope === present || !isOpen);
  });
  return toRow(...buttons);
}

function toPages(view: PanelView): Row {
  const { language, page: present, scope } = view;
  const select = new StringSelectMenuBuilder()
    .setCustomId(idOf(view, "turn"))
    .setPlaceholder(settingsTexts.choosePage[language])
    .addOptions(
      pagesOf(scope).map((page) => ({
        label: settingsTexts.pages[page][language],
        value: page,
        default: page === present,
      })),
    );
  return toRow(select);
}

function toChoice(view: PanelView, choice: Choice): Row {
  const { language } = view;
  const name = settingsTexts.names[choice.name][language];
  const { option: present, source } = describeChoice(view, choice);
  const inherited = describeChoice(withoutOwn(view), choice);
  const select = new StringSelectMenuBuilder().setCustomId(idOf(view, "choose", choice.name));
  select.addOptions(
    {
      label: `↩ ${name}: ${inherited.option?.label[language] ?? ""}`,
      description: settingsTexts.sources[inherited.source][language],
      value: INHERIT,
      default: source !== "own",
    },
    ...choice.options.map(({ id, label }) => ({
      label: `${name}: ${label[language]}`,
      value: id,
      default: source === "own" && id === present?.id,
    })),
  );
  return toRow(select);
}

function toPicks(view: PanelView, name: PickName | undefined): Row[] {
  switch (name) {
    case undefined:
      return [];
    case "access": {
      const { value } = findValue(view, "access");
      return PICK_LISTS.map((list) => toRow(toPeople(view, list, value)));
    }
    case "channels": {
      const { value } = findValue(view, "channels");
      return PICK_LISTS.map((list) => toRow(toChannels(view, list, value)));
    }
    default:
      return name satisfies never;
  }
}

function toPeople(view: PanelView, list: PickList, access: Access): MentionableSelectMenuBuilder {
  const { known, language } = view;
  const { roles, users } = peopleIn(access, list);
  const picked = [
    ...roles
      .filter((id) => known?.roles.has(id) ?? true)
      .map((id) => ({ id, type: SelectMenuDefaultValueType.Role as const })),
    ...users.map((id) => ({ id, type: SelectMenuDefaultValueType.User as const })),
  ];
  return new MentionableSelectMenuBuilder()
    .setCustomId(idOf(view, "pick", list))
    .setPlaceholder(settingsTexts[list === "allowed" ? "pickAllowed" : "pickDenied"][language])
    .setMinValues(0)
    .setMaxValues(MAX_PICKED)
    .setDefaultValues(picked.slice(0, MAX_PICKED));
}

function toChannels(view: PanelView, list: PickList, value: Channels): ChannelSelectMenuBuilder {
  const { known, language } = view;
  const placeholder = list === "allowed" ? "pickAllowedChannels" : "pickDeniedChannels";
  const picked = value[list].filter((id) => known?.channels.has(id) ?? true);
  return new ChannelSelectMenuBuilder()
    .setCustomId(idOf(view, "pick", list))
    .setPlaceholder(settingsTexts[placeholder][language])
    .setChannelTypes(...CHANNEL_TYPES)
    .setMinValues(0)
    .setMaxValues(MAX_PICKED)
    .setDefaultChannels(picked.slice(0, MAX_PICKED));
}

function toButtons(view: PanelView, page: Page): ButtonBuilder[] {
  const { language } = view;
  const forms = page.forms.map((form) =>
    new ButtonBuilder()
      .setCustomId(idOf(view, "form", form))
      .setLabel(`✎ ${settingsTexts.forms[form][language]}`)
      .setStyle(ButtonStyle.Primary),
  );
  const back = page.takenBack.map((name) =>
    new ButtonBuilder()
      .setCustomId(idOf(view, "inherit", name))
      .setLabel(`↩ ${settingsTexts.takenBack[name][language]}`)
      .setStyle(ButtonStyle.Secondary)
      .setDisabled(!isOwn(view, name)),
  );
  return [...forms, ...back];
}

function idOf({ page, scope }: PanelView, action: PanelAction, detail = ""): string {
  return toPanelId({ scope, page, action, detail });
}

function toRow(...components: readonly MessageActionRowComponentBuilder[]): Row {
  return new ActionRowBuilder<MessageActionRowComponentBuilder>()
    .addComponents(...components)
    .toJSON();
}
