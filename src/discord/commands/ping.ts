import { MessageFlags, SlashCommandBuilder } from "discord.js";
import { toDecimal, toMilliseconds } from "../texts/numbers.ts";
import { pingTexts } from "../texts/ping.ts";
import { toLanguage } from "../texts/text.ts";
import type { Text } from "../texts/text.ts";
import type { Command } from "./command.ts";
import { describe } from "./describe.ts";
import { describeNumbers } from "./describe-numbers.ts";

const definition = describe(
  new SlashCommandBuilder().setName("ping"),
  pingTexts.description,
).toJSON();

/** A part that does not answer within this is not well. */
const DEADLINE_MS = 10_000;

export const ping: Command = {
  definition,
  isForEveryone: true,
  async run(interaction, { familiar, health }) {
    const startedAt = performance.now();
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    const acknowledgedMs = performance.now() - startedAt;
    const [database, model] = await Promise.all([
      describePart(pingTexts.database(health.database), health.pingDatabase()),
      describePart(pingTexts.model(health.model), health.pingModel()),
    ]);
    const heartbeatMs = interaction.client.ws.ping;
    const heartbeat =
      heartbeatMs < 0 ? pingTexts.noHeartbeat : pingTexts.heartbeat(inMs(heartbeatMs));
    const gateway = pingTexts.gateway(heartbeat, inMs(acknowledgedMs));
    const language = toLanguage(interaction.locale);
    const parts = [gateway, database, model].map((part) => part[language]);
    const numbers = describeNumbers(familiar.numbers(), language);
    await interaction.editReply([...parts, ...numbers].join("\n"));
  },
};

async function describePart(part: Text, check: Promise<number>): Promise<Text> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("no answer in time")), DEADLINE_MS);
  });
  try {
    return pingTexts.well(part, inMs(await Promise.race([check, tooLate])));
  } catch {
    return pingTexts.unwell(part);
  } finally {
    clearTimeout(timer);
  }
}

function inMs(durationMs: number): Text {
  return toMilliseconds(toDecimal(durationMs, durationMs < 10 ? 1 : 0));
}
