import type {
  BaseInteraction,
  MentionableSelectMenuInteraction,
  MessageComponentInteraction,
  ModalSubmitInteraction,
} from "discord.js";
import { toChannelId, toRoleId, toUserId } from "../../chat/ids.ts";
import type { Place } from "../../chat/place.ts";
import type { Access, SettingsChange } from "../../chat/settings/settings.ts";
import { Mistake } from "../texts/mistake.ts";
import { settingsTexts } from "../texts/settings.ts";
import { toLanguage } from "../texts/text.ts";
import type { CommandContext } from "../commands/command.ts";
import { inTime } from "../commands/in-time.ts";
import { placeOf } from "../commands/interaction-place.ts";
import { readForm, toForm } from "./forms.ts";
import { findValue, isOwn } from "./inheritance.ts";
import type { Inheritance } from "./inheritance.ts";
import { hasPage, pageOf } from "./pages.ts";
import type { FormName, Page, PickList } from "./pages.ts";
import { parsePage, parsePanelId } from "./panel-id.ts";
import type { PanelId } from "./panel-id.ts";
import { INHERIT } from "./render-panel.ts";
import { assertMayChange, findTarget } from "./scopes.ts";
import type { Target } from "./scopes.ts";
import { readInheritance, showPanel } from "./show-panel.ts";

/** The form must be shown within three seconds. */
const FORM_WAIT_MS = 2_000;

interface Opened {
  readonly here: Place;
  readonly id: PanelId;
  readonly page: Page;
  readonly target: Target;
}

/** Does what a component of a panel says, and shows the panel as it is then. */
export async function pressPanel(
  interaction: MessageComponentInteraction,
  context: CommandContext,
): Promise<void> {
  const id = readId(interaction.customId);
  if (id.action === "form") {
    await openForm(interaction, context, id);
    return;
  }
  await interaction.deferUpdate();
  const opened = await open(interaction, context, id);
  const change = await toChange(interaction, context, opened);
  if (change !== undefined) await context.settings.change(opened.target.chain[0], change);
  await update(interaction, context, opened);
}

export async function submitPanelForm(
  interaction: ModalSubmitInteraction,
  context: CommandContext,
): Promise<void> {
  const id = readId(interaction.customId);
  await interaction.deferUpdate();
  const opened = await open(interaction, context, id);
  const change = readForm(interaction, findForm(opened));
  await context.settings.change(opened.target.chain[0], change);
  await update(interaction, context, opened);
}

async function openForm(
  interaction: MessageComponentInteraction,
  context: CommandContext,
  id: PanelId,
): Promise<void> {
  const read = async () => {
    const opened = await open(interaction, context, id);
    const inheritance = await readInheritance(context, opened.target);
    return { form: findForm(opened), inheritance };
  };
  const { form, inheritance } = await inTime(read(), FORM_WAIT_MS);
  const language = toLanguage(interaction.locale);
  await interaction.showModal(toForm(inheritance, { id: interaction.customId, form, language }));
}

function readId(customId: string): PanelId {
  const id = parsePanelId(customId);
  if (id === undefined || !hasPage(id.scope, id.page)) throw new Mistake(settingsTexts.notHere);
  return id;
}

/** Whether someone may is looked at anew each time: permissions change while a panel is open. */
async function open(
  interaction: BaseInteraction,
  { familiar }: CommandContext,
  id: PanelId,
): Promise<Opened> {
  const here = await placeOf(interaction);
  const target = findTarget(here, id.scope);
  await assertMayChange(interaction, familiar, target);
  return { here, id, page: pageOf(id.scope, id.page), target };
}

async function update(
  interaction: MessageComponentInteraction | ModalSubmitInteraction,
  context: CommandContext,
  { here, id, target }: Opened,
): Promise<void> {
  const chosen = id.action === "turn" ? parsePage(readValues(interaction)[0]) : undefined;
  const page = chosen !== undefined && hasPage(id.scope, chosen) ? chosen : id.page;
  const { components, content } = await showPanel(interaction, context, { here, target, page });
  await interaction.editReply({ content, components: [...components] });
}

function findForm({ id, page }: Opened): FormName {
  const form = page.forms.find((name) => name === id.detail);
  if (form === undefined) throw new Mistake(settingsTexts.notHere);
  return form;
}

/** Undefined where nothing changes. */
async function toChange(
  interaction: MessageComponentInteraction,
  context: CommandContext,
  { id, page, target }: Opened,
): Promise<SettingsChange | undefined> {
  switch (id.action) {
    case "choose":
      return toChosen(page, id.detail, readValues(interaction)[0]);
    case "pick":
      return toPicked(interaction, page, {
        list: id.detail === "denied" ? "denied" : "allowed",
        inheritance: await readInheritance(context, target),
      });
    case "inherit": {
      const name = page.takenBack.find((one) => one === id.detail);
      return name === undefined ? undefined : { [name]: undefined };
    }
    case "show":
    case "turn":
    case "form":
      return undefined;
    default:
      return id.action satisfies never;
  }
}

function toChosen(page: Page, name: string, value: string | undefined): SettingsChange | undefined {
  const choice = page.choices.find((one) => one.name === name);
  if (choice === undefined) return undefined;
  if (value === INHERIT) return { [choice.name]: undefined };
  return choice.options.find(({ id }) => id === value)?.change;
}

interface Picking {
  readonly list: PickList;
  readonly inheritance: Inheritance;
}

/** What the other list inherits stays as the panel shows it. */
function toPicked(
  interaction: MessageComponentInteraction,
  { picks }: Page,
  { inheritance, list }: Picking,
): SettingsChange | undefined {
  if (picks === "access" && interaction.isMentionableSelectMenu()) {
    const inherited = isOwn(inheritance, picks) ? {} : findValue(inheritance, picks).value;
    assertNoBots(interaction);
    return { access: { ...inherited, ...toPeople(interaction, list) } };
  }
  if (picks === "channels" && interaction.isChannelSelectMenu()) {
    const inherited = isOwn(inheritance, picks) ? {} : findValue(inheritance, picks).value;
    return { channels: { ...inherited, [list]: interaction.values.map(toChannelId) } };
  }
  return undefined;
}

/** Each bot has a role of its own, which is called as it is. */
function assertNoBots({ roles, users }: MentionableSelectMenuInteraction): void {
  const isOfBot = roles.some(({ tags }) => tags != null && ("botId" in tags || "bot_id" in tags));
  if (isOfBot || users.some(({ bot }) => bot)) throw new Mistake(settingsTexts.noBots);
}

interface PickedPeople {
  readonly roles: ReadonlyMap<string, unknown>;
  readonly users: ReadonlyMap<string, unknown>;
}

function toPeople({ roles, users }: PickedPeople, list: PickList): Partial<Access> {
  const roleIds = [...roles.keys()].map(toRoleId);
  const userIds = [...users.keys()].map(toUserId);
  return list === "allowed"
    ? { allowedRoles: roleIds, allowedUsers: userIds }
    : { deniedRoles: roleIds, deniedUsers: userIds };
}

function readValues(interaction: BaseInteraction): readonly string[] {
  return interaction.isAnySelectMenu() ? interaction.values : [];
}
