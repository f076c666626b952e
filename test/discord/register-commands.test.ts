import { ApplicationIntegrationType, InteractionContextType } from "discord.js";
import { expect, it } from "vitest";
import { registerCommands } from "../../src/discord/register-commands.ts";
import { silentLog } from "../support/database-log.ts";
import { startTestPlayground } from "../support/playground.ts";
import { connectBot } from "../support/playground-bot.ts";

const { BotDM, Guild, PrivateChannel } = InteractionContextType;
const { GuildInstall, UserInstall } = ApplicationIntegrationType;

it("offers each command where it works: /ask everywhere, what needs threads in servers alone", async () => {
  await using playground = await startTestPlayground();
  await using bot = await connectBot(playground);
  await registerCommands(bot.client, silentLog);
  const registered = await bot.client.application.commands.fetch();
  const places = new Map(
    registered.map(({ contexts, integrationTypes, name }) => [
      name,
      { contexts, integrationTypes },
    ]),
  );
  expect(places.get("ask")).toEqual({
    contexts: [Guild, BotDM, PrivateChannel],
    integrationTypes: [GuildInstall, UserInstall],
  });
  for (const name of ["chat", "Fork from here"]) {
    expect(places.get(name)).toEqual({ contexts: [Guild], integrationTypes: [GuildInstall] });
  }
  for (const name of ["system", "stop", "ping", "Regenerate"]) {
    const both = { contexts: [Guild, BotDM], integrationTypes: [GuildInstall] };
    expect(places.get(name)).toEqual(both);
  }
  const others = [...places].filter(([name]) => name !== "ask");
  expect(new Set(others.flatMap(([, { integrationTypes }]) => integrationTypes))).toEqual(
    new Set([GuildInstall]),
  );
});
