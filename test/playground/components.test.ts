import type { APIChannel, APIMessage, APIRole } from "discord-api-types/v10";
import {
  ActionRowBuilder,
  type AnySelectMenuInteraction,
  type ButtonInteraction,
  Events,
  type Message,
  MessageFlags,
  ModalBuilder,
  TextInputBuilder,
  TextInputStyle,
} from "discord.js";
import { expect, test } from "vitest";
import { connectPerson, type Person, startTestPlayground } from "../support/playground.ts";
import { type Bot, connectBot, nextEvent, refusalCode } from "../support/playground-bot.ts";

type Playground = Awaited<ReturnType<typeof startTestPlayground>>;

const generous = {
  messageCreate: { requests: 1000, perMs: 1000 },
  messageEdit: { requests: 1000, perMs: 1000 },
};

function row(...components: readonly object[]): object {
  return { type: 1, components };
}

function button(customId: string, extra: object = {}): object {
  return { type: 2, style: 1, label: "Press", custom_id: customId, ...extra };
}

const fruits = {
  type: 3,
  custom_id: "fruit",
  min_values: 0,
  max_values: 2,
  options: ["fig", "kiwi", "lime"].map((value) => ({ label: value, value })),
};

const chosenUser = { id: "1", type: "user" };
const chosenRole = { id: "2", type: "role" };

/** As the bot, in the raw: discord.js refuses to send much of what is wrong here. */
async function send(
  { client }: Bot,
  person: Person,
  body: Record<string, unknown>,
): Promise<APIMessage> {
  const path = `/channels/${person.channelId}/messages` as const;
  return (await client.rest.post(path, { body: { content: "pick", ...body } })) as APIMessage;
}

async function open(): Promise<{
  readonly playground: Playground;
  readonly ada: Person;
  readonly bot: Bot;
  [Symbol.asyncDispose](): Promise<void>;
}> {
  const playground = await startTestPlayground({ limits: generous });
  const ada = await connectPerson(playground, "Ada");
  const bot = await connectBot(playground);
  return {
    playground,
    ada,
    bot,
    async [Symbol.asyncDispose]() {
      await bot[Symbol.asyncDispose]();
      await ada[Symbol.asyncDispose]();
      await playground[Symbol.asyncDispose]();
    },
  };
}

function nextUse<T>({ client }: Bot): Promise<T> {
  return nextEvent<T>(client, Events.InteractionCreate);
}

test("a press can be acknowledged silently, and the message edited through it afterwards", async () => {
  await using world = await open();
  const { ada, bot } = world;
  const message = await send(bot, ada, { components: [row(button("go"))] });
  const used = nextUse<ButtonInteraction>(bot);
  const outcome = ada.press(message, "go");
  const interaction = await used;
  await interaction.deferUpdate();
  expect((await outcome).kind).toBe("success");
  await interaction.editReply({ content: "later", components: [] });
  expect(await ada.message(ada.channelId, message.id)).toMatchObject({
    content: "later",
    components: [],
  });
  expect(await ada.messages(ada.channelId)).toHaveLength(1);
});

test("a press can be answered for the presser alone, or by a modal", async () => {
  await using world = await open();
  const { playground, ada, bot } = world;
  await using ben = await connectPerson(playground, "Ben");
  const message = await send(bot, ada, { components: [row(button("a"), button("b"))] });
  const first = nextUse<ButtonInteraction>(bot);
  const whispered = ben.press(message, "a");
  await (await first).reply({ content: "not yours", flags: MessageFlags.Ephemeral });
  await whispered;
  await ben.waitForMessage(({ content }) => content === "not yours");
  const second = nextUse<ButtonInteraction>(bot);
  const outcome = ada.press(message, "b");
  const input = new TextInputBuilder()
    .setCustomId("text")
    .setLabel("Text")
    .setStyle(TextInputStyle.Paragraph);
  const inputs = new ActionRowBuilder<TextInputBuilder>().addComponents(input);
  const modal = new ModalBuilder().setCustomId("edit").setTitle("Edit").addComponents(inputs);
  await (await second).showModal(modal);
  const shown = await outcome;
  if (shown.kind !== "modal") throw new Error(`got ${shown.kind}`);
  const third = nextEvent<{ isFromMessage(): boolean; message: Message; deferUpdate(): unknown }>(
    bot.client,
    Events.InteractionCreate,
  );
  const submitted = ada.submitModal(shown.modal, { text: "new" });
  const submission = await third;
  expect([submission.isFromMessage(), submission.message.id]).toEqual([true, message.id]);
  await submission.deferUpdate();
  expect((await submitted).kind).toBe("success");
  expect(ada.events.filter(({ d }) => d.content === "not yours")).toEqual([]);
});

test("a select of texts gives the values that were chosen, none included", async () => {
  await using world = await open();
  const { ada, bot } = world;
  const message = await send(bot, ada, { components: [row(fruits)] });
  for (const values of [["fig", "lime"], []]) {
    const used = nextUse<AnySelectMenuInteraction>(bot);
    const outcome = ada.press(message, "fruit", values);
    const interaction = await used;
    expect(interaction).toMatchObject({ customId: "fruit", values });
    await interaction.deferUpdate();
    await outcome;
  }
});

test("selects of people, roles and channels give what was chosen, resolved", async () => {
  await using world = await open();
  const { ada, bot } = world;
  const role = await ada.request<APIRole>("POST", `/guilds/${ada.session.guildId}/roles`, {
    name: "readers",
  });
  const random = ada.session.channels[1]?.id ?? "";
  const ben = ada.session.people.find((person) => person.displayName === "Ben")?.id ?? "";
  const message = await send(bot, ada, {
    components: [
      row({ type: 5, custom_id: "user" }),
      row({ type: 6, custom_id: "role" }),
      row({ type: 7, custom_id: "either", max_values: 2 }),
      row({ type: 8, custom_id: "channel", channel_types: [0] }),
    ],
  });
  const use = async (customId: string, values: readonly string[]): Promise<unknown> => {
    const used = nextUse<AnySelectMenuInteraction>(bot);
    const outcome = ada.press(message, customId, values);
    const interaction = await used;
    await interaction.deferUpdate();
    await outcome;
    const { users, members, roles, channels } = interaction as unknown as Record<
      string,
      Map<string, unknown> | undefined
    >;
    return [users, members, roles, channels].map((found) => Array.from(found?.keys() ?? []));
  };
  expect(await use("user", [ben])).toEqual([[ben], [ben], [], []]);
  expect(await use("role", [role.body.id])).toEqual([[], [], [role.body.id], []]);
  expect(await use("either", [ben, role.body.id])).toEqual([[ben], [ben], [role.body.id], []]);
  expect(await use("channel", [random])).toEqual([[], [], [], [random]]);
});

test("a use that the message does not offer is refused before the bot hears of it", async () => {
  await using world = await open();
  const { ada, bot } = world;
  const message = await send(bot, ada, {
    components: [
      row(button("off", { disabled: true }), button("on")),
      row(fruits),
      row({ type: 5, custom_id: "user" }),
      row({ type: 8, custom_id: "channel", channel_types: [11] }),
    ],
  });
  const heard: unknown[] = [];
  bot.client.on(Events.InteractionCreate, (interaction) => heard.push(interaction));
  const random = ada.session.channels[1]?.id ?? "";
  const uses: readonly [customId: string, values?: string[]][] = [
    ["off"],
    ["nowhere"],
    ["fruit", ["melon"]],
    ["fruit", ["fig", "fig"]],
    ["fruit", ["fig", "kiwi", "lime"]],
    ["user", []],
    ["user", [ada.channelId]],
    ["user", ["1"]],
    ["channel", [random]],
  ];
  for (const [customId, values] of uses)
    await expect(ada.press(message, customId, values)).rejects.toThrow(
      "COMPONENT_VALIDATION_FAILED",
    );
  const forged = await ada.request("POST", "/interactions", {
    type: 3,
    application_id: ada.session.applicationId,
    channel_id: ada.channelId,
    message_id: message.id,
    data: { component_type: 3, custom_id: "on" },
  });
  expect(forged.body).toMatchObject({ code: 50035 });
  expect(heard).toEqual([]);
});

test("components that break the rules are refused with the place of the fault", async () => {
  await using world = await open();
  const { ada, bot } = world;
  const codeOf = (...components: readonly object[]): Promise<unknown> =>
    refusalCode(send(bot, ada, { components }));
  const many = (count: number, prefix: string): object[] =>
    Array.from({ length: count }, (_, index) => button(`${prefix}${index}`));
  const wrong: readonly (readonly object[])[] = [
    [row(...many(6, "a"))],
    Array.from({ length: 6 }, (_, index) => row(button(`r${index}`))),
    [row(button("a"), button("a"))],
    [row(button("a"), fruits)],
    [row(button("a", { url: "https://example.com" }))],
    [row({ type: 2, style: 5, label: "no address" })],
    [row(button("x".repeat(101)))],
    [row(button("a", { label: "x".repeat(81) }))],
    [row({ ...fruits, options: [] })],
    [row({ ...fruits, options: [...fruits.options, ...fruits.options] })],
    [row({ type: 4, custom_id: "a", style: 1, label: "only in modals" })],
    [row({ type: 6, custom_id: "a", default_values: [{ id: "1", type: "user" }] })],
    [row({ type: 5, custom_id: "a", default_values: [{ id: "one", type: "user" }] })],
    [row({ type: 7, custom_id: "a", default_values: [chosenUser, chosenRole] })],
    [{ type: 10, content: "only with the flag" }],
    [button("outside of a row")],
  ];
  for (const components of wrong) expect(await codeOf(...components)).toBe(50035);
  const most = Array.from({ length: 5 }, (_, index) => row(...many(5, `${index}-`)));
  expect((await send(bot, ada, { components: most })).components).toHaveLength(5);
  const either = {
    type: 7,
    custom_id: "either",
    max_values: 2,
    default_values: [chosenUser, chosenRole],
  };
  expect((await send(bot, ada, { components: [row(either)] })).components).toEqual([
    expect.objectContaining({ components: [expect.objectContaining(either)] }),
  ]);
});

test("with the flag for layout a message holds components alone, and 40 of them", async () => {
  await using world = await open();
  const { ada, bot } = world;
  const layout = { content: undefined, flags: MessageFlags.IsComponentsV2 };
  const texts = (count: number): object[] =>
    Array.from({ length: count }, () => ({ type: 10, content: "t" }));
  const sent = await send(bot, ada, { ...layout, components: texts(40) });
  expect(await refusalCode(send(bot, ada, { ...layout, components: texts(41) }))).toBe(50035);
  expect(await refusalCode(send(bot, ada, { ...layout, content: "c", components: texts(1) }))).toBe(
    50035,
  );
  const path = `/channels/${ada.channelId}/messages/${sent.id}` as const;
  const edit = bot.client.rest.patch(path, { body: { content: "back to text" } });
  expect(await refusalCode(edit)).toBe(50035);
});

test("a message that lost its components keeps its words, and takes no more presses", async () => {
  await using world = await open();
  const { ada, bot } = world;
  const message = await send(bot, ada, { components: [row(button("go"))] });
  const path = `/channels/${ada.channelId}/messages/${message.id}` as const;
  await bot.client.rest.patch(path, { body: { components: [] } });
  expect(await ada.message(ada.channelId, message.id)).toMatchObject({
    content: "pick",
    components: [],
  });
  await expect(ada.press(message, "go")).rejects.toThrow("COMPONENT_VALIDATION_FAILED");
  const gone = await send(bot, ada, { content: "", components: [row(button("only"))] });
  const emptied = bot.client.rest.patch(`/channels/${ada.channelId}/messages/${gone.id}` as const, {
    body: { components: [] },
  });
  expect(await refusalCode(emptied)).toBe(50006);
});

test("who cannot see the channel cannot press what is in it", async () => {
  await using world = await open();
  const { playground, ada, bot } = world;
  await using ben = await connectPerson(playground, "Ben");
  const hidden = await ada.request<APIChannel>("POST", `/guilds/${ada.session.guildId}/channels`, {
    name: "hidden",
    permission_overwrites: [
      { id: ada.session.guildId, type: 0, deny: String(1n << 10n) },
      { id: ada.session.botUserId, type: 1, allow: String(1n << 10n) },
    ],
  });
  const message = (await bot.client.rest.post(`/channels/${hidden.body.id}/messages`, {
    body: { content: "x", components: [row(button("go"))] },
  })) as APIMessage;
  await expect(ben.press(message, "go")).rejects.toThrow("50001");
});
