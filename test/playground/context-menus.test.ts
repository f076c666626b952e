import type { APIMessage } from "discord-api-types/v10";
import {
  ActionRowBuilder,
  ApplicationCommandType,
  type ChatInputCommandInteraction,
  ContextMenuCommandBuilder,
  Events,
  type MessageContextMenuCommandInteraction,
  MessageFlags,
  ModalBuilder,
  SlashCommandBuilder,
  TextInputBuilder,
  TextInputStyle,
  type UserContextMenuCommandInteraction,
} from "discord.js";
import { expect, test } from "vitest";
import { connectPerson, startTestPlayground } from "../support/playground.ts";
import { type Bot, connectBot, nextEvent, refusalCode } from "../support/playground-bot.ts";

const commands = [
  new ContextMenuCommandBuilder().setName("Fork from here").setType(ApplicationCommandType.Message),
  new ContextMenuCommandBuilder()
    .setName("Forget this message")
    .setType(ApplicationCommandType.Message)
    .setDefaultMemberPermissions(0x2000n),
  new ContextMenuCommandBuilder().setName("Greet").setType(ApplicationCommandType.User),
  new SlashCommandBuilder()
    .setName("import")
    .setDescription("Imports a file")
    .addAttachmentOption((option) =>
      option.setName("card").setDescription("The file").setRequired(true),
    ),
].map((command) => command.toJSON());

async function connectBotWithCommands(playground: Parameters<typeof connectBot>[0]): Promise<Bot> {
  const bot = await connectBot(playground);
  await bot.client.application.commands.set(commands);
  return bot;
}

test("a message command reaches the bot with the message, and its answer says what it was used on", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using ben = await connectPerson(playground, "Ben");
  await using bot = await connectBotWithCommands(playground);
  const target = await ben.post(ben.channelId, "begin here");
  const asked = nextEvent<MessageContextMenuCommandInteraction>(
    bot.client,
    Events.InteractionCreate,
  );
  const outcome = ada.runContextMenu("Fork from here", target.id);
  const interaction = await asked;
  expect(interaction.isMessageContextMenuCommand()).toBe(true);
  expect(interaction.targetMessage).toMatchObject({ id: target.id, content: "begin here" });
  expect(interaction.targetMessage.author.id).toBe(ben.id);
  expect(interaction.user.id).toBe(ada.id);
  await interaction.reply("forked");
  expect((await outcome).kind).toBe("success");
  const answer = await ben.waitForMessage((message) => message.content === "forked");
  expect(answer).toMatchObject({
    type: 23,
    interaction_metadata: {
      name: "Fork from here",
      user: { id: ada.id },
      target_message_id: target.id,
    },
  });
});

test("a bot without the message content still reads the message that the command was used on", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using bot = await connectBot(playground, { intents: ["Guilds"] });
  await bot.client.application.commands.set(commands);
  const target = await ada.post(ada.channelId, "for your eyes");
  const asked = nextEvent<MessageContextMenuCommandInteraction>(
    bot.client,
    Events.InteractionCreate,
  );
  const outcome = ada.runContextMenu("Fork from here", target.id);
  const interaction = await asked;
  expect(interaction.targetMessage.content).toBe("for your eyes");
  await interaction.reply({ content: "ok", flags: MessageFlags.Ephemeral });
  await outcome;
});

test("a user command reaches the bot with the user and the member", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using ben = await connectPerson(playground, "Ben");
  await using bot = await connectBotWithCommands(playground);
  const asked = nextEvent<UserContextMenuCommandInteraction>(bot.client, Events.InteractionCreate);
  const outcome = ada.runContextMenu("Greet", ben.id);
  const interaction = await asked;
  expect(interaction.isUserContextMenuCommand()).toBe(true);
  expect(interaction.targetUser.id).toBe(ben.id);
  expect(interaction.targetMember).toMatchObject({ user: { id: ben.id } });
  await interaction.reply("hello");
  await outcome;
  const answer = await ada.waitForMessage((message) => message.content === "hello");
  expect(answer.interaction_metadata).toMatchObject({ target_user: { id: ben.id } });
});

test("a context-menu command can open a modal", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using bot = await connectBotWithCommands(playground);
  const target = await ada.post(ada.channelId, "x");
  const asked = nextEvent<MessageContextMenuCommandInteraction>(
    bot.client,
    Events.InteractionCreate,
  );
  const outcome = ada.runContextMenu("Fork from here", target.id);
  const input = new TextInputBuilder()
    .setCustomId("name")
    .setLabel("Name")
    .setStyle(TextInputStyle.Short);
  const row = new ActionRowBuilder<TextInputBuilder>().addComponents(input);
  const modal = new ModalBuilder().setCustomId("fork").setTitle("Fork").addComponents(row);
  const interaction = await asked;
  await interaction.showModal(modal);
  expect(await outcome).toMatchObject({ kind: "modal", modal: { custom_id: "fork" } });
});

test("targets that are not there, and commands that are not for the person, are refused", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using ben = await connectPerson(playground, "Ben");
  await using bot = await connectBotWithCommands(playground);
  await expect(ada.runContextMenu("Fork from here", "1")).rejects.toThrow("10008");
  await expect(ada.runContextMenu("Greet", "1")).rejects.toThrow("10013");
  const target = await ada.post(ada.channelId, "x");
  await expect(ben.runContextMenu("Forget this message", target.id)).rejects.toThrow(
    "no command /Forget this message to be found here",
  );
  const registered = await bot.client.application.commands.fetch();
  const forget = registered.find(({ name }) => name === "Forget this message");
  const forged = await ben.request("POST", "/interactions", {
    type: 2,
    application_id: ben.session.applicationId,
    channel_id: ben.channelId,
    data: { id: forget?.id, name: "Forget this message", type: 3, target_id: target.id },
  });
  expect(forged).toMatchObject({ status: 403, body: { code: 50001 } });
});

test("a message command has capitals and spaces in its name, but no description", async () => {
  await using playground = await startTestPlayground();
  await using bot = await connectBotWithCommands(playground);
  const registered = await bot.client.application.commands.fetch();
  const fork = registered.find(({ name }) => name === "Fork from here");
  expect(fork).toMatchObject({ type: ApplicationCommandType.Message, description: "" });
  const described = { name: "Say", type: 3, description: "no" } as never;
  expect(await refusalCode(bot.client.application.commands.create(described))).toBe(50035);
});

test("a file given to a command reaches the bot, which can fetch it", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using bot = await connectBotWithCommands(playground);
  const asked = nextEvent<ChatInputCommandInteraction>(bot.client, Events.InteractionCreate);
  const card = new File(['{"name":"Ishmael"}'], "card.json", { type: "application/json" });
  const outcome = ada.runCommand("import", { card });
  const interaction = await asked;
  const given = interaction.options.getAttachment("card", true);
  expect(given).toMatchObject({ name: "card.json", size: card.size });
  expect(await (await fetch(given.url)).text()).toBe('{"name":"Ishmael"}');
  await interaction.reply("imported");
  await outcome;
  const [answer] = await ada.messages(ada.channelId);
  expect((answer as APIMessage).content).toBe("imported");
  await expect(ada.runCommand("import", { card: "0" })).rejects.toThrow("ATTACHMENT_MISSING");
});
