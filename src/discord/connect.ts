import { DiscordAPIError, Events, GatewayCloseCodes } from "discord.js";
import type { Client, RESTOptions } from "discord.js";
import { FamiliarError } from "../chat/errors.ts";
import type { Log } from "../chat/ports.ts";
import { createClient } from "./client.ts";
import { pause } from "./rest/pause.ts";
import { decideRestFailure } from "./rest/rest-failure.ts";

/** How long a Discord that cannot be reached is waited for at start. */
const WAIT_MS = 60_000;
const RETRY_EVERY_MS = 2_000;

const INTENT_CODE: number = GatewayCloseCodes.DisallowedIntents;
const TOKEN_CODE: number = GatewayCloseCodes.AuthenticationFailed;

/** From the login to the last guild of the first READY. */
const READY_DEADLINE_MS = 60_000;

export interface ConnectionOptions {
  readonly token: string;
  readonly rest: Partial<RESTOptions>;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Called before the login, so that nothing is missed; twice when the first login is refused. */
  readonly wire: (client: Client<true>) => void;
  /** Discord ended the connection for good: the token was reset, say. */
  readonly onLost: (error: FamiliarError) => void;
}

export interface DiscordConnection extends AsyncDisposable {
  readonly client: Client<true>;
  readonly hasMessageContent: boolean;
}

/**
 * Logs in. Where the privileged intent is not granted, goes on without it: mentions, direct messages
 * and commands still work.
 *
 * @throws {FamiliarError} `discord-failed`, with one sentence that says how to mend it
 */
export async function connectDiscord(options: ConnectionOptions): Promise<DiscordConnection> {
  try {
    return await connectOnce(options, true);
  } catch (error) {
    if (error !== INTENT_REFUSED) throw error;
  }
  options.log.warn(
    {},
    "Discord does not grant the Message Content intent, so I only see messages that mention me and " +
      "direct messages. Mend: discord.com/developers/applications > your application > Bot > " +
      "Privileged Gateway Intents > Message Content Intent, then start me again",
  );
  return await connectOnce(options, false);
}

async function connectOnce(
  options: ConnectionOptions,
  wantsMessageContent: boolean,
): Promise<DiscordConnection> {
  const { log, onLost, signal, token, wire } = options;
  const client = createClient({ rest: options.rest, wantsMessageContent });
  client.on(Events.Error, (error) => log.warn({ error }, "The connection to Discord failed"));
  client.on(Events.ShardError, (error) => log.warn({ error }, "The gateway connection failed"));
  client.on(Events.ShardReconnecting, () => log.warn({}, "Reconnecting to Discord"));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what it hears comes after the login
  wire(client as Client<true>);
  const settled = new AbortController();
  const waiting = AbortSignal.any([signal, settled.signal]);
  try {
    const ready = await Promise.race([
      waitForReady(client),
      logIn(client, token, { log, signal: waiting }),
      tooLate(waiting),
    ]);
    client.on(Events.ShardDisconnect, ({ code }) => onLost(toCloseError(code)));
    const dispose = (): Promise<void> => client.destroy();
    return {
      client: ready,
      hasMessageContent: wantsMessageContent,
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await client.destroy();
    throw error;
  } finally {
    settled.abort();
  }
}

const INTENT_REFUSED = new FamiliarError("discord-failed", "The Message Content intent is off.");

function waitForReady(client: Client): Promise<Client<true>> {
  return new Promise((resolve, reject) => {
    client.once(Events.ClientReady, resolve);
    client.once(Events.ShardDisconnect, ({ code }) =>
      reject(code === INTENT_CODE ? INTENT_REFUSED : toCloseError(code)),
    );
  });
}

/** Never resolves, as the login ends before the first guild is there; rejects when it is refused. */
async function logIn(
  client: Client,
  token: string,
  { log, signal }: Pick<ConnectionOptions, "log" | "signal">,
): Promise<never> {
  const waitUntil = Date.now() + WAIT_MS;
  for (let isFirst = true; ; isFirst = false) {
    try {
      await client.login(token);
      return await new Promise<never>(() => undefined);
    } catch (error) {
      const isAway = !isTokenRefused(error) && decideRestFailure(error).kind === "unknown-outcome";
      if (!isAway || Date.now() > waitUntil) throw toLoginError(error, client);
      if (isFirst)
        log.warn({}, `Waiting for Discord at ${client.options.rest?.api ?? "discord.com"}`);
      await pause(RETRY_EVERY_MS, signal);
    }
  }
}

async function tooLate(signal: AbortSignal): Promise<never> {
  await pause(WAIT_MS + READY_DEADLINE_MS, signal);
  throw new FamiliarError(
    "discord-failed",
    "Discord's gateway did not become ready in two minutes.",
  );
}

function isTokenRefused(error: unknown): boolean {
  if (error instanceof DiscordAPIError) return error.status === 401;
  return error instanceof Error && "code" in error && error.code === "TokenInvalid";
}

function toLoginError(error: unknown, client: Client): FamiliarError {
  if (isTokenRefused(error)) return TOKEN_REFUSED;
  const { reason } = decideRestFailure(error);
  return new FamiliarError(
    "discord-failed",
    `Cannot log in to Discord at ${client.options.rest?.api ?? "discord.com"} (${reason}): check the network and DISCORD_API_URL.`,
    { cause: error },
  );
}

const TOKEN_REFUSED = new FamiliarError(
  "discord-failed",
  "Discord does not take DISCORD_TOKEN: copy it anew from discord.com/developers/applications > your application > Bot > Reset Token.",
);

function toCloseError(code: number): FamiliarError {
  if (code === TOKEN_CODE) return TOKEN_REFUSED;
  const name = GatewayCloseCodes[code] ?? "unknown";
  return new FamiliarError(
    "discord-failed",
    `Discord closed the connection for good (${code} ${name}): see its gateway documentation for that code.`,
  );
}
