import process from "node:process";
import type { Client } from "discord.js";
import type { SummaryChoice } from "./choose-summaries.ts";
import { toInviteLink } from "./discord/invite-link.ts";
import type { OpenedEngine } from "./open-engine.ts";
import type { Store } from "./store/open-store.ts";

export interface Running {
  readonly client: Client<true>;
  readonly lines: OpenedEngine["lines"];
  /** Undefined on Discord itself. */
  readonly pageUrl: string | undefined;
  readonly store: Store;
  readonly summaries: SummaryChoice;
}

/** Says what runs on what, where to go, and what comes next. */
export function announce({ client, lines, pageUrl, store, summaries }: Running): void {
  const all = [
    ...lines,
    ["Database", store.description],
    ["Summaries", summaries.fact],
    ...(pageUrl === undefined ? toLiveLines(client) : toPlaygroundLines(pageUrl)),
  ] as const;
  const text = all.map(([name, fact]) => `  ${name.padEnd(9)} ${fact}`).join("\n");
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
