import { Events } from "discord.js";
import type { Client, RESTOptions } from "discord.js";
import { createCardFiles } from "./card-files.ts";
import type { AnswerSettings } from "./chat/reply/answer.ts";
import { Familiar } from "./chat/familiar.ts";
import type { FamiliarDependencies } from "./chat/familiar.ts";
import { createFindSpeaker } from "./chat/persona/find-speaker.ts";
import { PersonaLibrary } from "./chat/persona/library.ts";
import type { PersonaStore } from "./chat/persona/persona-store.ts";
import { SettingsLibrary } from "./chat/settings/settings-library.ts";
import type { SettingsStore } from "./chat/settings/settings-store.ts";
import type { CommandContext, Health } from "./discord/commands/command.ts";
import { PersonaDrafts } from "./discord/commands/persona-drafts.ts";
import { connectDiscord } from "./discord/connect.ts";
import { listenToInteractions } from "./discord/events/interaction-events.ts";
import { listenToMessages } from "./discord/events/message-events.ts";
import { WithheldWords } from "./discord/events/withheld-words.ts";
import { listenToPlaces } from "./discord/events/place-events.ts";
import { createPlaceReader } from "./discord/place-reader.ts";
import { registerCommands } from "./discord/register-commands.ts";
import { createReplySurface } from "./discord/reply/reply-surface.ts";
import { createThreadOpener } from "./discord/thread-opener.ts";
import { followLanguages } from "./discord/texts/place-languages.ts";
import { createLore } from "./lore.ts";
import { createPersonaPictures } from "./persona-pictures.ts";

/** How long running replies may go on after a signal to stop, before they are marked as cut off. */
const FINISH_MS = 5_000;

interface BotDependencies extends Omit<
  FamiliarDependencies,
  "lore" | "places" | "settings" | "surface" | "threads"
> {
  readonly personas: PersonaStore;
  readonly settings: SettingsStore;
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
  const { showThoughts } = settings;
  const library = new SettingsLibrary(dependencies.settings, { showThoughts });
  let familiar: Familiar | undefined;
  const wire = (client: Client<true>): void => {
    const languageOf = followLanguages(client);
    const { clock, conversations } = dependencies;
    const findSpeaker = createFindSpeaker({ conversations, settings: library });
    const loadPicture = createPersonaPictures(dependencies.personas);
    const surface = createReplySurface({
      client,
      clock,
      findSpeaker,
      languageOf,
      loadPicture,
      log,
    });
    const places = createPlaceReader(client, log);
    const lore = createLore(dependencies);
    const threads = createThreadOpener(client, log);
    const inner = { ...dependencies, lore, places, settings: library, surface, threads };
    familiar = new Familiar(inner, settings);
    const personas = new PersonaLibrary(dependencies.personas);
    const { usages } = dependencies;
    const withheld = new WithheldWords({ client, familiar, languageOf, log, settings: library });
    const drafts = new PersonaDrafts(clock);
    const shared = { drafts, health, log, personas, settings: library, usages, withheld };
    listen(client, familiar, shared);
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

interface Listening extends Omit<CommandContext, "cards" | "familiar"> {
  readonly log: FamiliarDependencies["log"];
  readonly withheld: WithheldWords;
}

function listen(client: Client<true>, familiar: Familiar, listening: Listening): void {
  const { log, withheld, ...context } = listening;
  listenToMessages({ client, familiar, log, withheld });
  listenToPlaces({ client, familiar, log });
  listenToInteractions({ client, log }, { cards: createCardFiles(), familiar, ...context });
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
