import type { APIApplicationCommand, APIMessage } from "discord-api-types/v10";
import {
  ActionRowBuilder,
  type AutocompleteInteraction,
  ButtonBuilder,
  type ButtonInteraction,
  ButtonStyle,
  type ChatInputCommandInteraction,
  Events,
  type Interaction,
  MessageFlags,
  ModalBuilder,
  type ModalSubmitInteraction,
  SlashCommandBuilder,
  TextInputBuilder,
  TextInputStyle,
} from "discord.js";
import { expect, test } from "vitest";
import { connectPerson, startTestPlayground } from "../support/playground.ts";
import { type Bot, connectBot, nextEvent, refusalCode } from "../support/playground-bot.ts";

const commands = [
  new SlashCommandBuilder()
    .setName("say")
    .setDescription("Says it")
    .addStringOption((option) =>
      option.setName("what").setDescription("What to say").setRequired(true).setMaxLength(10),
    )
    .addUserOption((option) => option.setName("to").setDescription("Whom to say it to")),
  new SlashCommandBuilder()
    .setName("system")
    .setDescription("The system prompt")
    .addSubcommand((sub) => sub.setName("set").setDescription("Sets it")),
  new SlashCommandBuilder()
    .setName("pick")
    .setDescription("Picks one")
    .addStringOption((option) =>
      option.setName("name").setDescription("Which").setAutocomplete(true),
    ),
  new SlashCommandBuilder()
    .setName("secret")
    .setDescription("For moderators")
    .setDefaultMemberPermissions(0x2000n),
].map((command) => command.toJSON());

function createButtonRow(customId: string): ActionRowBuilder<ButtonBuilder> {
  const button = new ButtonBuilder()
    .setCustomId(customId)
    .setLabel("Go")
    .setStyle(ButtonStyle.Primary);
  return new ActionRowBuilder<ButtonBuilder>().addComponents(button);
}

async function withCommands(bot: Bot): Promise<void> {
  await bot.client.application.commands.set(commands);
}

function nextInteraction<T extends Interaction>(bot: Bot): Promise<T> {
  return nextEvent<T>(bot.client, Events.InteractionCreate);
}

test("a slash command reaches the bot with its options, and everyone sees the answer", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using ben = await connectPerson(playground, "Ben");
  await using bot = await connectBot(playground);
  await withCommands(bot);
  const asked = nextInteraction<ChatInputCommandInteraction<"cached">>(bot);
  const outcome = ada.runCommand("say", { what: "hello", to: ben.id });
  const interaction = await asked;
  expect(interaction.options.getString("what")).toBe("hello");
  expect(interaction.options.getUser("to")?.id).toBe(ben.id);
  expect(interaction.user.id).toBe(ada.id);
  expect(interaction.memberPermissions.has("Administrator")).toBe(true);
  const { resource } = await interaction.reply({ content: "hello Ben", withResponse: true });
  expect((await outcome).kind).toBe("success");
  const seen = await ben.waitForMessage((message) => message.content === "hello Ben");
  expect(seen).toMatchObject({
    id: resource?.message?.id,
    type: 20,
    interaction_metadata: { user: { id: ada.id }, name: "say" },
  });
});

test("an ephemeral answer goes to the person who asked and to nobody else", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using ben = await connectPerson(playground, "Ben");
  await using bot = await connectBot(playground);
  await withCommands(bot);
  const asked = nextInteraction<ChatInputCommandInteraction>(bot);
  const outcome = ada.runCommand("say", { what: "x" });
  const interaction = await asked;
  await interaction.reply({ content: "psst", flags: MessageFlags.Ephemeral });
  const whispered = await ada.waitForMessage((message) => message.content === "psst");
  expect(whispered.flags).toBe(64);
  await interaction.editReply("psst!");
  await ada.waitForMessage((message) => message.content === "psst!");
  await interaction.deleteReply();
  await ada.waitForEvent("MESSAGE_DELETE", (event) => event.id === whispered.id);
  await outcome;
  expect(await ben.messages(ben.channelId)).toEqual([]);
  expect(ben.events.map((event) => event.t)).not.toContain("MESSAGE_CREATE");
});

test("a deferred answer shows as thinking, and its edit fills it", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using bot = await connectBot(playground);
  await withCommands(bot);
  const asked = nextInteraction<ChatInputCommandInteraction>(bot);
  const outcome = ada.runCommand("say", { what: "x" });
  const interaction = await asked;
  await interaction.deferReply();
  const thinking = await ada.waitForMessage((message) => message.flags === MessageFlags.Loading);
  await interaction.editReply("done thinking");
  const done = await ada.waitForMessage((message) => message.content === "done thinking");
  await interaction.followUp("and more");
  await ada.waitForMessage((message) => message.content === "and more");
  expect(done).toMatchObject({ id: thinking.id, flags: 0 });
  expect((await outcome).kind).toBe("success");
  expect((await interaction.fetchReply()).content).toBe("done thinking");
});

test("a second acknowledgement is 40060", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using bot = await connectBot(playground);
  await withCommands(bot);
  const asked = nextInteraction<ChatInputCommandInteraction>(bot);
  const outcome = ada.runCommand("say", { what: "x" });
  const { id, token } = await asked;
  const callback = (): Promise<unknown> =>
    bot.client.rest.post(`/interactions/${id}/${token}/callback`, {
      body: { type: 4, data: { content: "one" } },
      auth: false,
    });
  await callback();
  expect(await refusalCode(callback())).toBe(40060);
  await outcome;
});

test("an answer that comes too late is 10062, and the person sees a failure", async () => {
  await using playground = await startTestPlayground({ limits: { firstAnswerMs: 50 } });
  await using ada = await connectPerson(playground, "Ada");
  await using bot = await connectBot(playground);
  await withCommands(bot);
  const asked = nextInteraction<ChatInputCommandInteraction>(bot);
  expect((await ada.runCommand("say", { what: "x" })).kind).toBe("failure");
  expect(await refusalCode((await asked).reply("too late"))).toBe(10062);
});

test("follow-ups end with the interaction's token", async () => {
  await using playground = await startTestPlayground({ limits: { interactionTokenMs: 1000 } });
  await using ada = await connectPerson(playground, "Ada");
  await using bot = await connectBot(playground);
  await withCommands(bot);
  const asked = nextInteraction<ChatInputCommandInteraction>(bot);
  const outcome = ada.runCommand("say", { what: "x" });
  const interaction = await asked;
  await interaction.reply("in time");
  await outcome;
  const followUp = (): Promise<unknown> =>
    interaction.followUp("more").then(
      () => undefined,
      (error: { code: number }) => error.code,
    );
  await expect.poll(followUp, { timeout: 5000, interval: 200 }).toBe(50027);
});

test("a modal opens for the person, and what they type comes back", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using bot = await connectBot(playground);
  await withCommands(bot);
  const asked = nextInteraction<ChatInputCommandInteraction>(bot);
  const outcome = ada.runCommand("system set");
  const input = new TextInputBuilder()
    .setCustomId("prompt")
    .setLabel("Prompt")
    .setStyle(TextInputStyle.Paragraph)
    .setMaxLength(4000);
  const row = new ActionRowBuilder<TextInputBuilder>().addComponents(input);
  const command = await asked;
  expect(command.options.getSubcommand()).toBe("set");
  await command.showModal(
    new ModalBuilder().setCustomId("system").setTitle("System prompt").addComponents(row),
  );
  const shown = await outcome;
  if (shown.kind !== "modal") throw new Error(`got ${shown.kind}`);
  expect(shown.modal).toMatchObject({ custom_id: "system", title: "System prompt" });
  const submitted = nextInteraction<ModalSubmitInteraction>(bot);
  const second = ada.submitModal(shown.modal, { prompt: "Be brief." });
  const submission = await submitted;
  expect(submission.fields.getTextInputValue("prompt")).toBe("Be brief.");
  await submission.reply({ content: "set", flags: MessageFlags.Ephemeral });
  expect((await second).kind).toBe("success");
  const again = await ada.request("POST", "/interactions", {
    type: 5,
    application_id: ada.session.applicationId,
    channel_id: ada.channelId,
    data: { id: shown.modal.id, custom_id: "system", components: [] },
  });
  expect(again.body).toMatchObject({ code: 10062 });
});

test("autocompletion answers what is typed so far", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using bot = await connectBot(playground);
  await withCommands(bot);
  const asked = nextInteraction<AutocompleteInteraction>(bot);
  const proposed = ada.autocomplete("pick", "name", { name: "al" });
  const interaction = await asked;
  expect(interaction.options.getFocused()).toBe("al");
  await interaction.respond([{ name: "Alpha", value: "alpha" }]);
  expect(await proposed).toMatchObject([{ name: "Alpha", value: "alpha" }]);
});

test("a button press reaches the bot with its message, which it can change", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using bot = await connectBot(playground);
  const channel = await bot.client.channels.fetch(ada.channelId);
  if (channel?.isSendable() !== true) throw new Error("no place to send to");
  const sent = await channel.send({
    content: "press",
    components: [createButtonRow("go")],
  });
  const pressed = nextInteraction<ButtonInteraction>(bot);
  const outcome = ada.press(await ada.message(ada.channelId, sent.id), "go");
  const interaction = await pressed;
  expect(interaction.message.id).toBe(sent.id);
  await interaction.update({ content: "pressed", components: [] });
  expect((await outcome).kind).toBe("success");
  const changed = await ada.message(ada.channelId, sent.id);
  expect(changed).toMatchObject({ content: "pressed", components: [] });
});

test("options that do not fit the command are refused before the bot hears of them", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using bot = await connectBot(playground);
  await withCommands(bot);
  await expect(ada.runCommand("say")).rejects.toThrow('Required option \\"what\\" is missing.');
  await expect(ada.runCommand("say", { what: "x".repeat(11) })).rejects.toThrow(
    "BASE_TYPE_BAD_LENGTH",
  );
});

test("a command with default permissions is offered to those who have them", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using ben = await connectPerson(playground, "Ben");
  await using bot = await connectBot(playground);
  await withCommands(bot);
  const list = async (person: typeof ada): Promise<string[]> => {
    const { body } = await person.request<{ application_commands: APIApplicationCommand[] }>(
      "GET",
      `/guilds/${ada.session.guildId}/application-command-index`,
    );
    return body.application_commands.map((command) => command.name).toSorted();
  };
  expect(await list(ada)).toEqual(["pick", "say", "secret", "system"]);
  expect(await list(ben)).toEqual(["pick", "say", "system"]);
});

test("registering replaces all commands, and keeps the ids and versions of those that stayed", async () => {
  await using playground = await startTestPlayground();
  await using bot = await connectBot(playground);
  const path = `/applications/${bot.client.application.id}/commands` as const;
  const put = async (body: unknown): Promise<APIApplicationCommand[]> =>
    (await bot.client.rest.put(path, { body })) as APIApplicationCommand[];
  const first = await put([
    { name: "a", description: "one" },
    { name: "b", description: "two" },
  ]);
  const second = await put([
    { name: "a", description: "one" },
    { name: "c", description: "three" },
  ]);
  expect(second.map((command) => command.name)).toEqual(["a", "c"]);
  expect(second[0]).toEqual(first[0]);
  const third = await put([{ name: "a", description: "changed" }]);
  expect(third[0]?.id).toBe(first[0]?.id);
  expect(third[0]?.version).not.toBe(first[0]?.version);
});

function stringOption(name: string, required: boolean): object {
  return { type: 3, name, description: "d", required };
}

test("commands that break Discord's rules are refused with the place of the fault", async () => {
  await using playground = await startTestPlayground();
  await using bot = await connectBot(playground);
  const path = `${playground.apiUrl}/v10/applications/${bot.client.application.id}/commands`;
  const put = async (body: unknown): Promise<string> => {
    const response = await fetch(path, {
      method: "PUT",
      headers: {
        authorization: `Bot ${playground.botToken}`,
        "content-type": "application/json",
      },
      body: JSON.stringify(body),
    });
    return `${response.status} ${await response.text()}`;
  };
  expect(await put([{ name: "Upper", description: "d" }])).toMatch(
    /^400 .*"0":\{"name".*INVALID_NAME/,
  );
  expect(await put([{ name: "a" }])).toMatch(/"description".*BASE_TYPE_REQUIRED/);
  expect(
    await put([
      { name: "a", description: "d", options: [stringOption("x", false), stringOption("y", true)] },
    ]),
  ).toMatch(/OPTIONS_REQUIRED_INVALID/);
  expect(
    await put([
      { name: "a", description: "d" },
      { name: "a", description: "e" },
    ]),
  ).toMatch(/DUPLICATE_NAME/);
});

test("a guild's own commands stand beside the global ones", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using bot = await connectBot(playground);
  await withCommands(bot);
  const guild = await bot.client.guilds.fetch(ada.session.guildId);
  const own = await guild.commands.create({ name: "local", description: "here only" });
  expect((await guild.commands.fetch()).size).toBe(1);
  const asked = nextInteraction<ChatInputCommandInteraction>(bot);
  const outcome = ada.runCommand("local");
  await (await asked).reply("yes");
  expect((await outcome).kind).toBe("success");
  await own.delete();
  expect((await guild.commands.fetch()).size).toBe(0);
});

test("an answer needs no permission in the channel, a message does", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using bot = await connectBot(playground);
  await withCommands(bot);
  await ada.request("PUT", `/channels/${ada.channelId}/permissions/${ada.session.botUserId}`, {
    type: 1,
    deny: String(1n << 11n),
  });
  const asked = nextInteraction<ChatInputCommandInteraction>(bot);
  const outcome = ada.runCommand("say", { what: "x" });
  await (await asked).reply("allowed");
  await outcome;
  const channel = await bot.client.channels.fetch(ada.channelId);
  if (channel?.isSendable() !== true) throw new Error("no place to send to");
  expect(await refusalCode(channel.send("refused"))).toBe(50013);
  const [only] = await ada.messages(ada.channelId);
  expect((only as APIMessage).content).toBe("allowed");
});

test("an interaction tells the languages of the person's client and of the guild", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using ben = await connectPerson(playground, "Ben", "de-AT");
  await using bot = await connectBot(playground);
  await withCommands(bot);
  const guild = `/guilds/${ada.session.guildId}`;
  const refused = await ben.request("PATCH", guild, { preferred_locale: "fr" });
  const changed = nextEvent(bot.client, Events.GuildUpdate);
  await ada.request("PATCH", guild, { preferred_locale: "de" });
  await changed;
  const asked = nextInteraction<ChatInputCommandInteraction<"cached">>(bot);
  const outcome = ben.runCommand("say", { what: "hello" });
  const interaction = await asked;
  await interaction.reply("hello");
  await outcome;
  expect([interaction.locale, interaction.guildLocale, refused.status]).toEqual(["de", "de", 403]);
  expect(interaction.guild.preferredLocale).toBe("de");
});
