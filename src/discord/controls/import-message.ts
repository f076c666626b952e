import {
  ApplicationCommandType,
  ContextMenuCommandBuilder,
  MessageFlags,
  PermissionFlagsBits,
} from "discord.js";
import type { Attachment } from "discord.js";
import { FamiliarError } from "../../chat/errors.ts";
import type { CardFiles, ImportedPersona } from "../../chat/persona/card-files.ts";
import { InvalidInput } from "../../chat/problem.ts";
import type { ProblemKind } from "../../chat/problem.ts";
import type { MessageCommand } from "../commands/command.ts";
import { keepImported, readAttachment } from "../commands/persona-card.ts";
import { importTexts } from "../texts/lore.ts";
import { Mistake } from "../texts/mistake.ts";
import { toProblemText } from "../texts/problems.ts";
import { toLocalizations } from "../texts/text.ts";

/** Another name mends them, and a menu does not ask for one. */
const NAME_PROBLEMS: ReadonlySet<ProblemKind> = new Set([
  "persona-name-reserved",
  "persona-name-with-refused-word",
  "persona-taken",
]);

/** The first card among a message's files becomes a persona of the library. */
export const importMessage: MessageCommand = {
  definition: new ContextMenuCommandBuilder()
    .setName(importTexts.menu.en)
    .setNameLocalizations(toLocalizations(importTexts.menu))
    .setType(ApplicationCommandType.Message)
    .setDefaultMemberPermissions(PermissionFlagsBits.SendMessages)
    .toJSON(),
  requires: "change-library",
  async run(interaction, context) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    const files = [...interaction.targetMessage.attachments.values()];
    const imported = await readFirstCard(files, context.cards);
    try {
      await keepImported(interaction, context.personas, imported);
    } catch (error) {
      const isName = error instanceof InvalidInput && NAME_PROBLEMS.has(error.problem.kind);
      throw isName ? new Mistake(importTexts.otherName(toProblemText(error.problem))) : error;
    }
  },
};

/** @throws {FamiliarError} `input-invalid`; for a single file, with what is wrong with it */
async function readFirstCard(
  files: readonly Attachment[],
  cards: CardFiles,
): Promise<ImportedPersona> {
  if (files.length === 0) throw new Mistake(importTexts.noFile);
  for (const file of files) {
    try {
      return await readAttachment(file, cards);
    } catch (error) {
      const isNoCard = error instanceof FamiliarError && error.code === "input-invalid";
      if (!isNoCard || files.length === 1) throw error;
    }
  }
  throw new Mistake(importTexts.noCard(files.length));
}
