import { Client, type ClientOptions, Events, GatewayIntentBits, Partials } from "discord.js";
import type { Playground } from "../../src/playground/playground.ts";

export interface Bot extends AsyncDisposable {
  readonly client: Client<true>;
}

const usualIntents = [
  GatewayIntentBits.Guilds,
  GatewayIntentBits.GuildMessages,
  GatewayIntentBits.GuildMessageTyping,
  GatewayIntentBits.MessageContent,
  GatewayIntentBits.DirectMessages,
];

/** A real discord.js client, ready when it resolves. */
export async function connectBot(
  playground: Playground,
  options: Partial<ClientOptions> = {},
): Promise<Bot> {
  const client = new Client({
    intents: usualIntents,
    partials: [Partials.Channel, Partials.Message],
    ...options,
    rest: { api: playground.apiUrl, ...options.rest },
  });
  const ready = new Promise<Client<true>>((resolve) => {
    client.once(Events.ClientReady, resolve);
  });
  await client.login(playground.botToken);
  return {
    client: await ready,
    [Symbol.asyncDispose]: () => client.destroy(),
  };
}

/** The next event of a client that fits. Call it before what makes the event happen. */
export function nextEvent<T>(
  client: Client,
  name: string,
  fits: (value: T) => boolean = () => true,
): Promise<T> {
  return new Promise((resolve) => {
    const look = (value: T): void => {
      if (!fits(value)) return;
      client.off(name, look);
      resolve(value);
    };
    client.on(name, look);
  });
}

/** The code that the API refused with; fails when it did not refuse. */
export async function refusalCode(work: Promise<unknown>): Promise<number | string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error && "code" in error) return error.code as number;
    throw error;
  }
  throw new Error("nothing was refused");
}
