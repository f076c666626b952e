import { PermissionFlagsBits, SlashCommandBuilder } from "discord.js";
import type {
  AutocompleteInteraction,
  ChatInputCommandInteraction,
  SlashCommandStringOption,
  SlashCommandSubcommandBuilder,
} from "discord.js";
import { CARD_FORMATS } from "../../chat/persona/card-files.ts";
import type { CardFormat } from "../../chat/persona/card-files.ts";
import type { ListedPersona } from "../../chat/persona/library.ts";
import { MAX_PERSONA_NAME_LENGTH, toNameKey } from "../../chat/persona/persona.ts";
import { personaCommandTexts as texts } from "../texts/personas.ts";
import { translate } from "../texts/text.ts";
import type { Text } from "../texts/text.ts";
import type { Requirement } from "./access.ts";
import type { Command } from "./command.ts";
import { describe, toChoice } from "./describe.ts";
import { libraryOf } from "./persona-access.ts";
import { exportCard, importCard } from "./persona-card.ts";
import { openCreateForm, openEditForm, openFormAgain, submitForm } from "./persona-form.ts";
import {
  clonePersona,
  deletePersona,
  listPersonas,
  rollBackPersona,
  showHistory,
} from "./persona-library.ts";
import { showPersona } from "./persona-show.ts";
import { requirementOfUse, usePersona } from "./persona-use.ts";

/** Discord's limit. */
const MAX_CHOICES = 25;

/** These change a persona, which only its own library allows. */
const CHANGING: ReadonlySet<string> = new Set(["edit", "delete", "rollback"]);

const FORMAT_NAMES: Readonly<Record<CardFormat, Text>> = {
  "v3-png": texts.v3Png,
  "v2-png": texts.v2Png,
  "v3-json": texts.v3Json,
  "v2-json": texts.v2Json,
};

const definition = describe(new SlashCommandBuilder().setName("persona"), texts.description)
  .setDefaultMemberPermissions(PermissionFlagsBits.SendMessages)
  .addSubcommand((option) => addTarget(describe(option.setName("use"), texts.use)))
  .addSubcommand((option) =>
    describe(option.setName("show"), texts.show).addStringOption((name) =>
      toNameOption(name, texts.nameToShow),
    ),
  )
  .addSubcommand((option) => describe(option.setName("list"), texts.list))
  .addSubcommand((option) => describe(option.setName("create"), texts.create))
  .addSubcommand((option) => addPart(named(option.setName("edit"), texts.edit)))
  .addSubcommand((option) =>
    named(option.setName("clone"), texts.clone).addStringOption((name) =>
      describe(name.setName("new_name"), texts.newName)
        .setMaxLength(MAX_PERSONA_NAME_LENGTH)
        .setRequired(true),
    ),
  )
  .addSubcommand((option) => named(option.setName("delete"), texts.delete))
  .addSubcommand((option) => named(option.setName("history"), texts.history))
  .addSubcommand((option) =>
    named(option.setName("rollback"), texts.rollback).addIntegerOption((version) =>
      describe(version.setName("version"), texts.version).setMinValue(1).setRequired(true),
    ),
  )
  .addSubcommand((option) =>
    describe(option.setName("import"), texts.import)
      .addAttachmentOption((file) => describe(file.setName("card"), texts.card).setRequired(true))
      .addStringOption((name) =>
        describe(name.setName("name"), texts.importedName).setMaxLength(MAX_PERSONA_NAME_LENGTH),
      ),
  )
  .addSubcommand((option) =>
    named(option.setName("export"), texts.export).addStringOption((format) =>
      describe(format.setName("format"), texts.format).addChoices(
        CARD_FORMATS.map((value) => toChoice(value, FORMAT_NAMES[value])),
      ),
    ),
  )
  .toJSON();

interface Subcommand {
  readonly run: Command["run"];
  /** Undefined: everyone may. */
  readonly requires?: (interaction: ChatInputCommandInteraction) => Requirement;
}

const changesLibrary = (): Requirement => "change-library";

const SUBCOMMANDS: ReadonlyMap<string, Subcommand> = new Map<string, Subcommand>([
  ["use", { run: usePersona, requires: requirementOfUse }],
  ["show", { run: showPersona }],
  ["list", { run: listPersonas }],
  ["create", { run: openCreateForm, requires: changesLibrary }],
  ["edit", { run: openEditForm, requires: changesLibrary }],
  ["clone", { run: clonePersona, requires: changesLibrary }],
  ["delete", { run: deletePersona, requires: changesLibrary }],
  ["history", { run: showHistory }],
  ["rollback", { run: rollBackPersona, requires: changesLibrary }],
  ["import", { run: importCard, requires: changesLibrary }],
  ["export", { run: exportCard }],
]);

export const persona: Command = {
  definition,
  requires: (interaction) =>
    interaction.isModalSubmit()
      ? "change-library"
      : SUBCOMMANDS.get(interaction.options.getSubcommand())?.requires?.(interaction),
  async run(interaction, context) {
    await SUBCOMMANDS.get(interaction.options.getSubcommand())?.run(interaction, context);
  },
  async press(interaction, { drafts }) {
    await openFormAgain(interaction, drafts);
  },
  async submit(interaction, context) {
    await submitForm(interaction, context);
  },
  async autocomplete(interaction, { personas }) {
    const listed = await personas.list(libraryOf(interaction));
    await interaction.respond(toChoices(interaction, listed));
  },
};

function toChoices(interaction: AutocompleteInteraction, listed: readonly ListedPersona[]) {
  const typed = toNameKey(interaction.options.getFocused());
  const ownOrigin = interaction.guildId === null ? "owner" : "server";
  const isChanging = CHANGING.has(interaction.options.getSubcommand());
  return listed
    .filter(({ origin }) => !isChanging || origin === ownOrigin)
    .filter(({ name }) => toNameKey(name).includes(typed))
    .slice(0, MAX_CHOICES)
    .map(({ name, origin }) => ({
      name: origin === "built-in" ? translate(texts.builtIn(name), interaction) : name,
      value: name,
    }));
}

function toNameOption(
  option: SlashCommandStringOption,
  description: Text,
): SlashCommandStringOption {
  return describe(option.setName("name"), description)
    .setMaxLength(MAX_PERSONA_NAME_LENGTH)
    .setAutocomplete(true);
}

function named(option: SlashCommandSubcommandBuilder, description: Text) {
  return describe(option, description).addStringOption((name) =>
    toNameOption(name, texts.name).setRequired(true),
  );
}

function addPart(option: SlashCommandSubcommandBuilder): SlashCommandSubcommandBuilder {
  return option.addStringOption((part) =>
    describe(part.setName("part"), texts.part).addChoices(
      toChoice("main", texts.main),
      toChoice("more", texts.more),
    ),
  );
}

function addTarget(option: SlashCommandSubcommandBuilder): SlashCommandSubcommandBuilder {
  return option
    .addStringOption((name) => toNameOption(name, texts.nameToUse))
    .addStringOption((scope) =>
      describe(scope.setName("scope"), texts.scope).addChoices(
        toChoice("thread", texts.thread),
        toChoice("channel", texts.channel),
        toChoice("server", texts.server),
      ),
    )
    .addStringOption((version) =>
      describe(version.setName("version"), texts.pinning).addChoices(
        toChoice("newest", texts.newest),
        toChoice("pinned", texts.pinned),
      ),
    );
}
