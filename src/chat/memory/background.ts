import type { Clock, Engine, Log } from "../ports.ts";
import type { ReplyLine } from "../reply/reply-line.ts";
import type { Watchdog } from "../reply/watchdog.ts";
import type { RecallStore } from "./recall-store.ts";
import { Recollector } from "./recollection.ts";
import { createSummariser } from "./summariser.ts";
import type { Summariser } from "./summariser.ts";
import type { SummaryStore } from "./summary-store.ts";

export interface MemoryPorts {
  readonly clock: Clock;
  readonly engine: Engine;
  readonly log: Log;
  /** Undefined: nothing is recalled. */
  readonly recall?: RecallStore | undefined;
  /** Undefined: nothing is summarised. */
  readonly summaries?: SummaryStore | undefined;
}

interface MemorySettings {
  readonly line: ReplyLine;
  readonly quietMs?: number | undefined;
  /** 0: nothing is recalled. */
  readonly recallTokens?: number | undefined;
  readonly watchdog: Watchdog;
}

/** What memory does while nobody asks. */
export interface BackgroundMemory {
  /** Undefined where nothing is recalled. */
  readonly recollection: Recollector | undefined;
  /** Undefined where nothing is summarised. */
  readonly summaries: Summariser | undefined;
  /** Takes up what was left to do when the process ended. */
  noteDue(): Promise<void>;
  /** Resolves when what is being done has stopped. */
  close(): Promise<void>;
}

export function createBackgroundMemory(
  ports: MemoryPorts,
  { line, quietMs, recallTokens = 0, watchdog }: MemorySettings,
): BackgroundMemory {
  const { recall } = ports;
  const how = { line, quietMs };
  const isRecalling = recall !== undefined && recallTokens > 0;
  const recollection = isRecalling ? new Recollector({ ...ports, ...how, recall }) : undefined;
  const summaries = createSummariser(ports, { ...how, watchdog });
  const parts = [recollection, summaries];
  return {
    recollection,
    summaries,
    async noteDue() {
      for (const part of parts) await part?.noteDue();
    },
    async close() {
      await Promise.all(parts.map(async (part) => await part?.close()));
    },
  };
}
