import process from "node:process";
import type { Client } from "discord.js";
import { toInviteLink } from "./discord/invite-link.ts";
import type { LlamaEngine } from "./inference/llama/llama-engine.ts";
import type { Store } from "./store/open-store.ts";

export interface Running {
  readonly client: Client<true>;
  readonly engine: LlamaEngine;
  /** Undefined on Discord itself. */
  readonly pageUrl: string | undefined;
  readonly store: Store;
}

const GIB = 2 ** 30;

/** Says what runs on what, where to go, and what comes next. */
export function announce({ client, engine, pageUrl, store }: Running): void {
  const { facts, modelName } = engine;
  const layers = `${facts.gpuLayers} of ${facts.totalLayers} layers on the GPU`;
  const device = facts.gpuLayers > 0 ? `${facts.device}, ${layers}` : facts.device;
  const memory = `${(facts.memoryBytes / GIB).toFixed(2)} GiB`;
  const threads = facts.threads === 1 ? "1 thread" : `${facts.threads} threads`;
  const lines = [
    ["Model", `${modelName} (${facts.template} prompts)`],
    ["Runs on", `${device}, ${threads}, ${memory} of memory`],
    [
      "Context",
      `${facts.contextTokens} tokens for each of ${facts.sequences} conversations at once`,
    ],
    ["Database", store.description],
    ...(pageUrl === undefined ? toLiveLines(client) : toPlaygroundLines(pageUrl)),
  ] as const;
  const text = lines.map(([name, fact]) => `  ${name.padEnd(9)} ${fact}`).join("\n");
  process.stdout.write(`\nFamiliar is ready as ${client.user.username}.\n\n${text}\n\n`);
}

function toLiveLines(client: Client<true>) {
  return [["Invite", toInviteLink(client)]] as const;
}

function toPlaygroundLines(pageUrl: string) {
  return [
    ["Try it", `${pageUrl} (a playground on this computer; Ctrl+C stops it)`],
    [
      "Go live",
      "make a bot at https://discord.com/developers/applications, write DISCORD_TOKEN=its-token into .env, and start me again",
    ],
  ] as const;
}
