import { MessageFlags, SlashCommandBuilder } from "discord.js";
import type { Command } from "./command.ts";
import { describeNumbers } from "./describe-numbers.ts";

const definition = new SlashCommandBuilder()
  .setName("ping")
  .setDescription("Is everything well? Discord, database and model, and how replies go")
  .toJSON();

/** A part that does not answer within this is not well. */
const DEADLINE_MS = 10_000;

export const ping: Command = {
  definition,
  async run(interaction, { familiar, health }) {
    const startedAt = performance.now();
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    const acknowledgedMs = performance.now() - startedAt;
    const [database, model] = await Promise.all([
      describe(`Database (${health.database})`, health.pingDatabase()),
      describe(`Model (${health.model})`, health.pingModel()),
    ]);
    const heartbeatMs = interaction.client.ws.ping;
    const heartbeat = heartbeatMs < 0 ? "no heartbeat yet" : `heartbeat ${inMs(heartbeatMs)}`;
    const gateway = `✅ Discord: ${heartbeat}, answer ${inMs(acknowledgedMs)}`;
    const numbers = describeNumbers(familiar.numbers());
    await interaction.editReply([gateway, database, model, ...numbers].join("\n"));
  },
};

async function describe(part: string, check: Promise<number>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("no answer in time")), DEADLINE_MS);
  });
  try {
    return `✅ ${part}: ${inMs(await Promise.race([check, tooLate]))}`;
  } catch {
    return `❌ ${part}: not well; my owner's log says why`;
  } finally {
    clearTimeout(timer);
  }
}

function inMs(durationMs: number): string {
  return `${durationMs < 10 ? durationMs.toFixed(1) : Math.round(durationMs)} ms`;
}
