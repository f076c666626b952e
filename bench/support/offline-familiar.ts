import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Familiar } from "../../src/chat/familiar.ts";
import type { Engine } from "../../src/chat/ports.ts";
import type { AnswerSettings } from "../../src/chat/reply/answer-ports.ts";
import { createLore } from "../../src/lore.ts";
import { SettingsLibrary } from "../../src/chat/settings/settings-library.ts";
import type { ReplySurface } from "../../src/chat/reply-surface.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/open-store.ts";
import { clock } from "./answer-settings.ts";
import { toBenchMessage } from "./fill-history.ts";
import { openOfflineSurface } from "./offline-discord.ts";
import { quietLog } from "./quiet-log.ts";

export interface OfflineOptions {
  readonly engine: Engine;
  readonly settings: AnswerSettings;
  readonly places: number;
  /** See {@link openOfflineSurface}. */
  readonly speed?: number;
  readonly signal: AbortSignal;
}

/** All of Familiar but its connection to Discord, with an embedded database of its own. */
export interface OfflineFamiliar extends AsyncDisposable {
  /** Says something in a place; resolves when the reply is shown to its end. One at a time each. */
  ask(placeNumber: number, text: string): Promise<void>;
}

export interface OfflineParts {
  readonly engine: Engine;
  readonly settings: AnswerSettings;
  /** Default: one that has yet to read what is set. */
  readonly library?: SettingsLibrary;
  readonly store: Store;
  readonly surface: ReplySurface;
}

/** A Familiar that nobody but the caller speaks to. */
export function createOfflineFamiliar({ settings, store, ...parts }: OfflineParts): Familiar {
  const { engine, library = new SettingsLibrary(store.settings), surface } = parts;
  const places = {
    starterOf: async () => undefined,
    messagesAfter: async () => [],
    messagesBefore: async () => [],
  };
  const threads = { openFrom: async () => undefined };
  const archive = { before: async () => [], starterOf: async () => undefined };
  const lore = createLore({ engine, personas: store.personas });
  const discord = { archive, places, surface, threads };
  const ports = { ...discord, clock, engine, log: quietLog, lore, settings: library };
  return new Familiar({ ...store, ...ports }, settings);
}

export async function openOfflineFamiliar(options: OfflineOptions): Promise<OfflineFamiliar> {
  const { engine, settings, signal, ...others } = options;
  const dataDir = await mkdtemp(join(tmpdir(), "familiar-offline-"));
  const store = await openStore({ databaseUrl: undefined, dataDir, log: quietLog, signal });
  const waiting = new Map<string, () => void>();
  const surface = openOfflineSurface({ ...others, onFinish: (id) => waiting.get(id)?.() });
  const familiar = createOfflineFamiliar({ engine, settings, store, surface });
  for (let number = 0; number < options.places; number += 1) {
    const { place } = toBenchMessage(number, 0);
    await store.conversations.open({ place, isParticipant: true });
  }
  let said = 0;
  return {
    async ask(placeNumber, text) {
      said += 1;
      const message = { ...toBenchMessage(placeNumber, said), text };
      const { place } = message;
      const answered = new Promise<void>((resolve) => waiting.set(place.id, resolve));
      const stop = (): void => waiting.get(place.id)?.();
      signal.addEventListener("abort", stop, { once: true });
      await familiar.hear(message);
      await answered;
      signal.removeEventListener("abort", stop);
      signal.throwIfAborted();
    },
    async [Symbol.asyncDispose]() {
      await familiar.close(AbortSignal.abort());
      await store[Symbol.asyncDispose]();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
