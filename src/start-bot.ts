import { Events } from "discord.js";
import type { Client, RESTOptions } from "discord.js";
import { createCardFiles } from "./card-files.ts";
import type { AnswerSettings } from "./chat/reply/answer.ts";
import { Familiar } from "./chat/familiar.ts";
import type { FamiliarDependencies } from "./chat/familiar.ts";
import { PersonaLibrary } from "./chat/persona/library.ts";
import type { PersonaStore } from "./chat/persona/persona-store.ts";
import type { Health } from "./discord/commands/command.ts";
import { connectDiscord } from "./discord/connect.ts";
import { listenToInteractions } from "./discord/events/interaction-events.ts";
import { listenToMessages } from "./discord/events/message-events.ts";
import { listenToPlaces } from "./discord/events/place-events.ts";
import { createPlaceReader } from "./discord/place-reader.ts";
import { registerCommands } from "./discord/register-commands.ts";
import { createReplySurface } from "./discord/reply/reply-surface.ts";

/** How long running replies may go on after a signal to stop, before they are marked as cut off. */
const FINISH_MS = 5_000;

interface BotDependencies extends Omit<FamiliarDependencies, "places" | "surface"> {
  readonly personas: PersonaStore;
}

export interface BotOptions {
  readonly token: string;
  readonly rest: Partial<RESTOptions>;
  readonly dependencies: BotDependencies;
  readonly settings: AnswerSettings;
  readonly health: Health;
  readonly stop: AbortSignal;
}

export interface Bot extends AsyncDisposable {
  readonly client: Client<true>;
  /** Resolves when it is told to stop; rejects when Discord ended the connection for good. */
  readonly ended: Promise<void>;
}

/** The domain on Discord: connected, its commands registered, its conversations caught up. */
export async function startBot(options: BotOptions): Promise<Bot> {
  const { dependencies, health, rest, settings, stop, token } = options;
  const { log } = dependencies;
  const lost = new AbortController();
  let familiar: Familiar | undefined;
  const wire = (client: Client<true>): void => {
    const surface = createReplySurface({ client, clock: dependencies.clock, log });
    const places = createPlaceReader(client, log);
    familiar = new Familiar({ ...dependencies, places, surface }, settings);
    const personas = new PersonaLibrary(dependencies.personas);
    listen(client, familiar, { health, log, personas });
  };
  const onLost = (error: Error): void => lost.abort(error);
  const discord = await connectDiscord({ token, rest, log, signal: stop, wire, onLost });
  await registerCommands(discord.client, log);
  return {
    client: discord.client,
    ended: waitForEnd(stop, lost.signal),
    async [Symbol.asyncDispose]() {
      await familiar?.close(AbortSignal.timeout(FINISH_MS));
      await discord[Symbol.asyncDispose]();
    },
  };
}

interface Listening {
  readonly health: Health;
  readonly log: FamiliarDependencies["log"];
  readonly personas: PersonaLibrary;
}

function listen(client: Client<true>, familiar: Familiar, listening: Listening): void {
  const { health, log, personas } = listening;
  listenToMessages({ client, familiar, log });
  listenToPlaces({ client, familiar, log });
  listenToInteractions({ client, log }, { cards: createCardFiles(), familiar, health, personas });
  // Each READY that is no resume may follow a time in which nobody listened.
  let isFirst = true;
  client.on(Events.ShardReady, () => {
    const marked = isFirst ? familiar.markInterrupted() : Promise.resolve();
    isFirst = false;
    marked
      .then(() => familiar.catchUp())
      .catch((error: unknown) => log.error({ error }, "Catching up failed"));
  });
}

function waitForEnd(stop: AbortSignal, lost: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (stop.aborted) resolve();
    stop.addEventListener("abort", () => resolve(), { once: true });
    lost.addEventListener("abort", () => reject(lost.reason), { once: true });
  });
}
