import type { APIApplicationCommand } from "discord-api-types/v10";
import {
  ActionRowBuilder,
  ApplicationIntegrationType,
  ButtonBuilder,
  type ButtonInteraction,
  ButtonStyle,
  type ChatInputCommandInteraction,
  Events,
  InteractionContextType,
  PermissionFlagsBits,
  SlashCommandBuilder,
} from "discord.js";
import { expect, test } from "vitest";
import {
  connectPerson,
  findElsewhere,
  type Person,
  startTestPlayground,
} from "../support/playground.ts";
import { type Bot, connectBot, nextEvent, refusalCode } from "../support/playground-bot.ts";

const { GuildInstall, UserInstall } = ApplicationIntegrationType;
const { Guild, BotDM, PrivateChannel } = InteractionContextType;

const commands = [
  new SlashCommandBuilder()
    .setName("ask")
    .setDescription("Anywhere")
    .setIntegrationTypes(GuildInstall, UserInstall)
    .setContexts(Guild, BotDM, PrivateChannel),
  new SlashCommandBuilder()
    .setName("settings")
    .setDescription("Where the bot is")
    .setIntegrationTypes(GuildInstall)
    .setContexts(Guild),
  new SlashCommandBuilder()
    .setName("aside")
    .setDescription("Between people")
    .setIntegrationTypes(UserInstall)
    .setContexts(PrivateChannel),
].map((command) => command.toJSON());

type Asked = ChatInputCommandInteraction;

async function open() {
  const playground = await startTestPlayground({
    hasElsewhere: true,
    limits: { webhookWrite: { requests: 1000, perMs: 1000 } },
  });
  const ada = await connectPerson(playground, "Ada");
  const ben = await connectPerson(playground, "Ben");
  const bot = await connectBot(playground);
  await bot.client.application.commands.set(commands);
  const { guildId: elsewhere, channelId: lobby } = await findElsewhere(ada);
  return {
    ada,
    ben,
    bot,
    elsewhere,
    lobby,
    async [Symbol.asyncDispose]() {
      for (const part of [bot, ben, ada, playground]) await part[Symbol.asyncDispose]();
    },
  };
}

async function listCommands(person: Person, channelId: string): Promise<string[]> {
  const { body } = await person.request<{ application_commands: APIApplicationCommand[] }>(
    "GET",
    `/channels/${channelId}/application-command-index`,
  );
  return body.application_commands.map(({ name }) => name).toSorted();
}

/** Resolves with what the bot got, and a promise of how it went for the person. */
async function ask(bot: Bot, person: Person, channelId: string) {
  const asked = nextEvent<Asked>(bot.client, Events.InteractionCreate);
  const outcome = person.runCommand("ask", {}, channelId);
  return { interaction: await asked, outcome };
}

test("each place offers the commands that are installed for it", async () => {
  await using world = await open();
  const { ada, ben, bot, lobby } = world;
  const between = await ada.openDm(ben.id);
  const withBot = await ada.openDm(ada.session.botUserId);
  const bens = await ben.openDm(ben.session.botUserId);
  expect(await listCommands(ada, ada.channelId)).toEqual(["ask", "settings"]);
  expect(await listCommands(ada, withBot.id)).toEqual(["ask"]);
  expect(await listCommands(ada, between.id)).toEqual(["aside", "ask"]);
  expect(await listCommands(ada, lobby)).toEqual(["ask"]);
  expect(await listCommands(ben, ben.channelId)).toEqual(["ask", "settings"]);
  expect(await listCommands(ben, bens.id)).toEqual(["ask"]);
  expect(await listCommands(ben, between.id)).toEqual([]);
  expect(await listCommands(ben, lobby)).toEqual([]);
  expect(bot.client.guilds.cache.size).toBe(1);
});

test("where the bot is no member it is asked and answers all the same", async () => {
  await using world = await open();
  const { ada, ben, bot, lobby, elsewhere } = world;
  const { interaction, outcome } = await ask(bot, ada, lobby);
  expect(interaction).toMatchObject({
    guildId: elsewhere,
    guild: null,
    channel: null,
    context: Guild,
    authorizingIntegrationOwners: { 1: ada.id },
  });
  expect(interaction.inGuild() && !interaction.inCachedGuild()).toBe(true);
  expect(interaction.appPermissions.has(PermissionFlagsBits.SendMessages)).toBe(false);
  expect(interaction.appPermissions.has(PermissionFlagsBits.EmbedLinks)).toBe(true);
  await interaction.deferReply();
  await interaction.editReply("from afar");
  expect((await outcome).kind).toBe("success");
  const seen = await ben.waitForMessage(({ content }) => content === "from afar");
  expect(seen.interaction_metadata).toMatchObject({
    authorizing_integration_owners: { 1: ada.id },
  });
  expect((await interaction.fetchReply()).content).toBe("from afar");
  expect(await refusalCode(bot.client.rest.get(`/channels/${lobby}`))).toBe(50001);
  const body = { content: "uninvited" };
  expect(await refusalCode(bot.client.rest.post(`/channels/${lobby}/messages`, { body }))).toBe(
    50001,
  );
});

test("between two people it answers both of them", async () => {
  await using world = await open();
  const { ada, ben, bot } = world;
  const between = await ada.openDm(ben.id);
  const { interaction, outcome } = await ask(bot, ada, between.id);
  expect(interaction).toMatchObject({
    context: PrivateChannel,
    guildId: null,
    authorizingIntegrationOwners: { 1: ada.id },
    user: { id: ada.id },
  });
  await interaction.reply("for you two");
  await outcome;
  await ben.waitForMessage(({ content }) => content === "for you two");
});

test("where it is installed twice, both owners are named", async () => {
  await using world = await open();
  const { ada, ben, bot } = world;
  const withBot = await ada.openDm(ada.session.botUserId);
  const ownersOf = async (person: Person, channelId: string): Promise<unknown> => {
    const { interaction, outcome } = await ask(bot, person, channelId);
    await interaction.reply("x");
    await outcome;
    return interaction.authorizingIntegrationOwners.toJSON();
  };
  const guild = ada.session.guildId;
  expect(await ownersOf(ada, ada.channelId)).toEqual({ 0: guild, 1: ada.id });
  expect(await ownersOf(ben, ben.channelId)).toEqual({ 0: guild });
  expect(await ownersOf(ada, withBot.id)).toEqual({ 0: "0", 1: ada.id });
});

test("five follow-ups where the bot is not, and no such limit where it is", async () => {
  await using world = await open();
  const { ada, bot, lobby } = world;
  for (const [channelId, expected] of [
    [lobby, 40094],
    [ada.channelId, "none"],
  ] as const) {
    const { interaction, outcome } = await ask(bot, ada, channelId);
    await interaction.reply("first");
    await outcome;
    for (let count = 1; count <= 5; count += 1) await interaction.followUp(`more ${count}`);
    const sixth = interaction.followUp("one too many").then(
      () => "none",
      (error: { code: number }) => error.code,
    );
    expect(await sixth).toBe(expected);
    await interaction.editReply("the first can still be edited");
  }
});

test("a button under such an answer works, for the one who installed it and for others", async () => {
  await using world = await open();
  const { ada, ben, bot, lobby } = world;
  const { interaction, outcome } = await ask(bot, ada, lobby);
  const button = new ButtonBuilder()
    .setCustomId("more")
    .setLabel("More")
    .setStyle(ButtonStyle.Primary);
  const row = new ActionRowBuilder<ButtonBuilder>().addComponents(button);
  await interaction.reply({ content: "press", components: [row] });
  await outcome;
  const message = await ben.waitForMessage(({ content }) => content === "press");
  const pressed = nextEvent<ButtonInteraction>(bot.client, Events.InteractionCreate);
  const second = ben.press(message, "more");
  const press = await pressed;
  expect(press.user.id).toBe(ben.id);
  expect(press.authorizingIntegrationOwners.toJSON()).toEqual({ 1: ada.id });
  await press.update({ content: "pressed", components: [] });
  expect((await second).kind).toBe("success");
});

test("without the right to use external apps only the asker sees the answer", async () => {
  await using world = await open();
  const { ada, ben, bot, lobby } = world;
  await ben.request("PUT", `/channels/${lobby}/permissions/${ada.id}`, {
    type: 1,
    deny: String(PermissionFlagsBits.UseExternalApps),
  });
  const { interaction, outcome } = await ask(bot, ada, lobby);
  await interaction.reply("just for you");
  await outcome;
  const seen = await ada.waitForMessage(({ content }) => content === "just for you");
  expect(seen.flags).toBe(64);
  expect(await ben.messages(lobby)).toEqual([]);
});
