import { AttachmentBuilder, MessageFlags } from "discord.js";
import type { ChatInputCommandInteraction } from "discord.js";
import { toUserId } from "../../chat/ids.ts";
import type { Privacy } from "../../chat/privacy/privacy.ts";
import { privacyTexts as texts } from "../texts/privacy.ts";
import { toLanguage, translate } from "../texts/text.ts";
import { invokerOf } from "./interaction-place.ts";
import { writeArchives } from "./privacy-archive.ts";
import { scopeOf } from "./privacy-scope.ts";

/** Sends a person all that is theirs, in as many files as Discord's limit asks for. */
export async function exportOwn(
  interaction: ChatInputCommandInteraction,
  privacy: Privacy,
): Promise<void> {
  const { attachmentSizeLimit, client, locale, options, user } = interaction;
  const scope = scopeOf(interaction, options.getString("where"));
  const data = await privacy.own({ userId: toUserId(user.id), scope });
  const facts = {
    name: invokerOf(interaction).name,
    userId: user.id,
    at: interaction.createdAt,
    language: toLanguage(locale),
    nameOf: (id: string) => client.guilds.cache.get(id)?.name,
    placeNameOf: (id: string) => {
      const channel = client.channels.cache.get(id);
      return channel !== undefined && "name" in channel ? (channel.name ?? undefined) : undefined;
    },
  };
  const archives = await writeArchives(data, facts, attachmentSizeLimit);
  const files = archives.map((archive, index) => {
    const part = archives.length === 1 ? "" : `-${index + 1}`;
    return new AttachmentBuilder(archive, { name: `familiar${part}.zip` });
  });
  const [first, ...others] = files;
  const content = translate(texts.exported(files.length), interaction);
  await interaction.editReply({ content, files: first === undefined ? [] : [first] });
  for (const [index, file] of others.entries()) {
    const name = translate(texts.exportPart(index + 2, files.length), interaction);
    await interaction.followUp({ content: name, files: [file], flags: MessageFlags.Ephemeral });
  }
}
