import { PermissionFlagsBits, SlashCommandBuilder } from "discord.js";
import type {
  AutocompleteInteraction,
  SlashCommandStringOption,
  SlashCommandSubcommandBuilder,
} from "discord.js";
import { CARD_FORMATS } from "../../chat/persona/card-files.ts";
import type { CardFormat } from "../../chat/persona/card-files.ts";
import type { ListedPersona } from "../../chat/persona/library.ts";
import { MAX_PERSONA_NAME_LENGTH, toNameKey } from "../../chat/persona/persona.ts";
import type { Command } from "./command.ts";
import { libraryOf } from "./persona-access.ts";
import { exportCard, importCard } from "./persona-card.ts";
import { openCreateForm, openEditForm, submitForm } from "./persona-form.ts";
import {
  clonePersona,
  deletePersona,
  listPersonas,
  rollBackPersona,
  showHistory,
} from "./persona-library.ts";
import { showPersona } from "./persona-show.ts";
import { usePersona } from "./persona-use.ts";

/** Discord's limit. */
const MAX_CHOICES = 25;

/** These change a persona, which only its own library allows. */
const CHANGING: ReadonlySet<string> = new Set(["edit", "delete", "rollback"]);

const FORMAT_NAMES: Readonly<Record<CardFormat, string>> = {
  "v3-png": "PNG, version 3 and 2",
  "v2-png": "PNG, version 2",
  "v3-json": "JSON, version 3",
  "v2-json": "JSON, version 2",
};

const definition = new SlashCommandBuilder()
  .setName("persona")
  .setDescription("Who I am: a library of personas, and which one answers where")
  .setDefaultMemberPermissions(PermissionFlagsBits.SendMessages)
  .addSubcommand((option) =>
    addTarget(option.setName("use").setDescription("Have a persona answer here, or none any more")),
  )
  .addSubcommand((option) =>
    option
      .setName("show")
      .setDescription("Show who answers here and why, or what a persona is made of")
      .addStringOption((name) =>
        toNameOption(name, "Any persona; without it, the one that answers here"),
      ),
  )
  .addSubcommand((option) => option.setName("list").setDescription("Show all personas"))
  .addSubcommand((option) =>
    option.setName("create").setDescription("Make a new persona for this server"),
  )
  .addSubcommand((option) => addPart(named(option.setName("edit"), "Change a persona")))
  .addSubcommand((option) =>
    named(option.setName("clone"), "Make a new persona out of another").addStringOption((name) =>
      name
        .setName("new_name")
        .setDescription("What the new one is called")
        .setMaxLength(MAX_PERSONA_NAME_LENGTH)
        .setRequired(true),
    ),
  )
  .addSubcommand((option) =>
    named(option.setName("delete"), "Delete a persona with all its versions"),
  )
  .addSubcommand((option) =>
    named(option.setName("history"), "Show a persona's versions, who made them and when"),
  )
  .addSubcommand((option) =>
    named(option.setName("rollback"), "Go back to an earlier version").addIntegerOption((version) =>
      version.setName("version").setDescription("Its number").setMinValue(1).setRequired(true),
    ),
  )
  .addSubcommand((option) =>
    option
      .setName("import")
      .setDescription("Make a persona out of a character card: PNG, JSON or CHARX")
      .addAttachmentOption((file) =>
        file.setName("card").setDescription("The file, up to 8 MiB").setRequired(true),
      )
      .addStringOption((name) =>
        name
          .setName("name")
          .setDescription("What it is called; without it, as the card says")
          .setMaxLength(MAX_PERSONA_NAME_LENGTH),
      ),
  )
  .addSubcommand((option) =>
    named(
      option.setName("export"),
      "Get a persona as a character card for other programs",
    ).addStringOption((format) =>
      format
        .setName("format")
        .setDescription("Without it, a picture that both kinds of programs read")
        .addChoices(CARD_FORMATS.map((value) => ({ name: FORMAT_NAMES[value], value }))),
    ),
  )
  .toJSON();

type Subcommand = Command["run"];

const SUBCOMMANDS: ReadonlyMap<string, Subcommand> = new Map([
  ["use", usePersona],
  ["show", showPersona],
  ["list", listPersonas],
  ["create", openCreateForm],
  ["edit", openEditForm],
  ["clone", clonePersona],
  ["delete", deletePersona],
  ["history", showHistory],
  ["rollback", rollBackPersona],
  ["import", importCard],
  ["export", exportCard],
]);

export const persona: Command = {
  definition,
  async run(interaction, context) {
    await SUBCOMMANDS.get(interaction.options.getSubcommand())?.(interaction, context);
  },
  async submit(interaction, { personas }) {
    await submitForm(interaction, personas);
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
      name: origin === "built-in" ? `${name} (built in)` : name,
      value: name,
    }));
}

function toNameOption(
  option: SlashCommandStringOption,
  description: string,
): SlashCommandStringOption {
  return option
    .setName("name")
    .setDescription(description)
    .setMaxLength(MAX_PERSONA_NAME_LENGTH)
    .setAutocomplete(true);
}

function named(option: SlashCommandSubcommandBuilder, description: string) {
  return option
    .setDescription(description)
    .addStringOption((name) => toNameOption(name, "The persona").setRequired(true));
}

function addPart(option: SlashCommandSubcommandBuilder): SlashCommandSubcommandBuilder {
  return option.addStringOption((part) =>
    part
      .setName("part")
      .setDescription("Which part of it; without it, the first")
      .addChoices(
        { name: "name, prompt, description, greeting, last instructions", value: "main" },
        { name: "personality, scenario, examples, other greetings, sampling", value: "more" },
      ),
  );
}

function addTarget(option: SlashCommandSubcommandBuilder): SlashCommandSubcommandBuilder {
  return option
    .addStringOption((name) =>
      toNameOption(name, "The persona; without it, none is chosen any more"),
    )
    .addStringOption((scope) =>
      scope
        .setName("scope")
        .setDescription("Where it answers; without it, right here")
        .addChoices(
          { name: "this thread", value: "thread" },
          { name: "this channel", value: "channel" },
          { name: "the whole server", value: "server" },
        ),
    )
    .addStringOption((version) =>
      version
        .setName("version")
        .setDescription(
          "Whether later changes hold too; threads are pinned unless you say otherwise",
        )
        .addChoices(
          { name: "always the newest", value: "newest" },
          { name: "pinned: as it is now", value: "pinned" },
        ),
    );
}
