import { Events, GatewayDispatchEvents } from "discord.js";
import type { Client, RESTOptions } from "discord.js";
import { createCardFiles } from "./card-files.ts";
import type { AnswerSettings } from "./chat/reply/answer-ports.ts";
import { Familiar } from "./chat/familiar.ts";
import type { FamiliarDependencies } from "./chat/familiar-dependencies.ts";
import { Learning } from "./chat/learning/learning.ts";
import type { LearningStore } from "./chat/learning/learning-store.ts";
import type { NoteStore } from "./chat/memory/note-store.ts";
import { Notes } from "./chat/memory/notes.ts";
import { createFindSpeaker } from "./chat/persona/find-speaker.ts";
import { PersonaLibrary } from "./chat/persona/library.ts";
import type { PersonaStore } from "./chat/persona/persona-store.ts";
import { Retention } from "./chat/privacy/retention.ts";
import { SettingsLibrary } from "./chat/settings/settings-library.ts";
import type { SettingsStore } from "./chat/settings/settings-store.ts";
import type { CommandContext, Health } from "./discord/commands/command.ts";
import { PersonaDrafts } from "./discord/commands/persona-drafts.ts";
import { connectDiscord } from "./discord/connect.ts";
import { listenToInteractions } from "./discord/events/interaction-events.ts";
import { listenToMessages } from "./discord/events/message-events.ts";
import { WithheldWords } from "./discord/events/withheld-words.ts";
import { listenToPlaces } from "./discord/events/place-events.ts";
import { createProposalSurface } from "./discord/learning/proposal-surface.ts";
import { createMessageArchive } from "./discord/message-archive.ts";
import { listGuilds } from "./discord/list-guilds.ts";
import { createPlaceReader } from "./discord/place-reader.ts";
import { registerCommands } from "./discord/register-commands.ts";
import { createReplySurface } from "./discord/reply/reply-surface.ts";
import { createThreadOpener } from "./discord/thread-opener.ts";
import { followLanguages } from "./discord/texts/place-languages.ts";
import { createHistoryFiles } from "./history-files.ts";
import { createLore } from "./lore.ts";
import { createPersonaPictures } from "./persona-pictures.ts";

/** How long running replies may go on after a signal to stop, before they are marked as cut off. */
const FINISH_MS = 5_000;

interface BotDependencies extends Omit<
  FamiliarDependencies,
  "archive" | "learning" | "lore" | "places" | "proposals" | "settings" | "surface" | "threads"
> {
  readonly learning: LearningStore;
  readonly notes: NoteStore;
  readonly personas: PersonaStore;
  readonly settings: SettingsStore;
}

export interface BotSettings extends AnswerSettings {
  /** Whether what left the windows is summarised. */
  readonly summaries: boolean;
  /** Where nobody sets another one. */
  readonly tellTime: boolean;
  readonly timeZone: string;
}

export interface BotOptions {
  readonly token: string;
  readonly rest: Partial<RESTOptions>;
  readonly dependencies: BotDependencies;
  readonly settings: BotSettings;
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
  const { dependencies, rest, settings, stop, token } = options;
  const { log } = dependencies;
  const lost = new AbortController();
  const { showThoughts, tellTime, timeZone } = settings;
  const defaults = { showThoughts, tellTime, timeZone };
  const library = new SettingsLibrary(dependencies.settings, defaults);
  let familiar: Familiar | undefined;
  const wire = (client: Client<true>): void => {
    familiar = joinToDiscord(client, library, options);
  };
  const onLost = (error: Error): void => lost.abort(error);
  const discord = await connectDiscord({ token, rest, log, signal: stop, wire, onLost });
  await registerCommands(discord.client, log);
  const retention = keepRetention(discord.client, { ...dependencies, library });
  return {
    client: discord.client,
    ended: waitForEnd(stop, lost.signal),
    async [Symbol.asyncDispose]() {
      await familiar?.close(AbortSignal.timeout(FINISH_MS));
      await retention[Symbol.asyncDispose]();
      await discord[Symbol.asyncDispose]();
    },
  };
}

/** The domain with a client's adapters, which hear and answer from now on. */
function joinToDiscord(
  client: Client<true>,
  library: SettingsLibrary,
  { dependencies, health, settings }: BotOptions,
): Familiar {
  const { clock, conversations, log, usages } = dependencies;
  const languageOf = followLanguages(client);
  const findSpeaker = createFindSpeaker({ conversations, settings: library });
  const loadPicture = createPersonaPictures(dependencies.personas);
  const familiar = new Familiar(
    {
      ...dependencies,
      archive: createMessageArchive(client),
      lore: createLore(dependencies),
      places: createPlaceReader(client, log),
      proposals: createProposalSurface({ client, languageOf, log }),
      settings: library,
      summaries: settings.summaries ? dependencies.summaries : undefined,
      surface: createReplySurface({ client, clock, findSpeaker, languageOf, loadPicture, log }),
      threads: createThreadOpener(client, log),
    },
    settings,
  );
  const withheld = new WithheldWords({ client, familiar, languageOf, log, settings: library });
  const notes = new Notes({
    ...dependencies,
    privacy: familiar.privacy,
    repliesUnderWay: () => familiar.repliesUnderWay(),
  });
  const { learner } = familiar.pastimes;
  const refresh = async (): Promise<void> => await learner?.refresh();
  const { learning } = dependencies;
  const decisions = { learning, notes, privacy: familiar.privacy, settings: library, refresh };
  listen(client, familiar, {
    drafts: new PersonaDrafts(clock),
    health,
    log,
    learning: new Learning(decisions),
    notes,
    personas: new PersonaLibrary(dependencies.personas),
    settings: library,
    usages,
    withheld,
  });
  return familiar;
}

/** Until it is disposed of. */
function keepRetention(
  client: Client<true>,
  { library, ...ports }: BotDependencies & { readonly library: SettingsLibrary },
): AsyncDisposable {
  const forgetSettings = (): void => library.forgetAll();
  const retention = new Retention({ ...ports, guilds: () => listGuilds(client), forgetSettings });
  const closing = new AbortController();
  const keeping = retention.keep(closing.signal);
  return {
    async [Symbol.asyncDispose]() {
      closing.abort();
      await keeping;
    },
  };
}

interface Listening extends Omit<CommandContext, "cards" | "familiar" | "historyFiles"> {
  readonly log: FamiliarDependencies["log"];
  readonly withheld: WithheldWords;
}

function listen(client: Client<true>, familiar: Familiar, listening: Listening): void {
  const { log, withheld, ...context } = listening;
  listenToMessages({ client, familiar, log, withheld });
  listenToPlaces({ client, familiar, log });
  const files = { cards: createCardFiles(), historyFiles: createHistoryFiles() };
  listenToInteractions({ client, log }, { ...files, familiar, ...context });
  followSessions(client, familiar, log);
}

/** Each READY that is no resume follows a time in which nobody listened. */
function followSessions(
  client: Client<true>,
  familiar: Familiar,
  log: FamiliarDependencies["log"],
): void {
  const { catchingUp } = familiar;
  client.on(Events.ShardReconnecting, () => catchingUp.noteSilence());
  client.on(Events.ShardResume, () => catchingUp.noteResumed());
  // As it is sent: messages come before the library counts the shard as ready, up to 15 s later.
  client.ws.on(GatewayDispatchEvents.Ready, () => catchingUp.noteListening());
  client.on(Events.ShardReady, () => {
    familiar.catchUp().catch((error: unknown) => log.error({ error }, "Catching up failed"));
  });
}

function waitForEnd(stop: AbortSignal, lost: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (stop.aborted) resolve();
    stop.addEventListener("abort", () => resolve(), { once: true });
    lost.addEventListener("abort", () => reject(lost.reason), { once: true });
  });
}
