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
}

/**
 * Logs in. Where the privileged intent is not granted, goes on without it: mentions, direct messages
 * and commands still work. A Discord that is away is waited for.
 *
 * @throws {FamiliarError} `discord-failed`, with one sentence that says how to mend it
 */
export async function connectDiscord(options: ConnectionOptions): Promise<DiscordConnection> {
  const waitUntil = Date.now() + WAIT_MS;
  let wantsMessageContent = true;
  for (let isFirst = true; ;) {
    try {
      return await connectOnce(options, wantsMessageContent);
    } catch (error) {
      if (error === INTENT_REFUSED) {
        options.log.warn({}, INTENT_MEND);
        wantsMessageContent = false;
        continue;
      }
      if (!isAway(error) || Date.now() > waitUntil) throw toLoginError(error, options);
      if (isFirst) options.log.warn({}, `Waiting for Discord at ${addressOf(options)}`);
      isFirst = false;
      await pause(RETRY_EVERY_MS, options.signal);
    }
  }
}

/** A client that failed to log in cannot be used again, so each attempt has its own. */
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
  try {
    const ready = waitForReady(client);
    await Promise.race([
      ready,
      client.login(token).then(() => ready),
      tooLate(AbortSignal.any([signal, settled.signal])),
    ]);
    client.on(Events.ShardDisconnect, ({ code }) => onLost(toCloseError(code)));
    return {
      client: await ready,
      async [Symbol.asyncDispose]() {
        client.removeAllListeners(Events.ShardReconnecting);
        client.removeAllListeners(Events.ShardDisconnect);
        await client.destroy();
      },
    };
  } catch (error) {
    await client.destroy();
    throw error;
  } finally {
    settled.abort();
  }
}

const INTENT_MEND =
  "Discord does not grant the Message Content intent, so I only see messages that mention me and " +
  "direct messages. Mend: discord.com/developers/applications > your application > Bot > " +
  "Privileged Gateway Intents > Message Content Intent, then start me again";

const INTENT_REFUSED = new FamiliarError("discord-failed", "The Message Content intent is off.");

function waitForReady(client: Client): Promise<Client<true>> {
  return new Promise((resolve, reject) => {
    client.once(Events.ClientReady, resolve);
    client.once(Events.ShardDisconnect, ({ code }) =>
      reject(code === INTENT_CODE ? INTENT_REFUSED : toCloseError(code)),
    );
  });
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

function isAway(error: unknown): boolean {
  if (error instanceof FamiliarError || isTokenRefused(error)) return false;
  return decideRestFailure(error).kind === "unknown-outcome";
}

function addressOf({ rest }: ConnectionOptions): string {
  return rest.api ?? "discord.com";
}

function toLoginError(error: unknown, options: ConnectionOptions): unknown {
  if (options.signal.aborted || error instanceof FamiliarError) return error;
  if (isTokenRefused(error)) return TOKEN_REFUSED;
  const { reason } = decideRestFailure(error);
  return new FamiliarError(
    "discord-failed",
    `Cannot log in to Discord at ${addressOf(options)} (${reason}): check the network and DISCORD_API_URL.`,
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
