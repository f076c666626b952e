import { setImmediate as settle } from "node:timers/promises";
import { Familiar } from "../../src/chat/familiar.ts";
import type { Engine, EngineEvent } from "../../src/chat/ports.ts";
import type { ReplySurface } from "../../src/chat/reply-surface.ts";
import type { Store } from "../../src/store/open-store.ts";
import { silentLog } from "./database-log.ts";
import { HandClock } from "./hand-clock.ts";
import { GREEDY } from "./model.ts";
import { createSettings } from "./settings.ts";
import { noArchive } from "./no-archive.ts";
import { noLore } from "./no-lore.ts";
import { noNotes } from "./no-notes.ts";
import { ShownPlaces } from "./shown-places.ts";

let lastId = 300_000_000_000_000_000n;

/** Greater than all before. */
export function newId(): string {
  lastId += 1n;
  return String(lastId);
}

/** The reply with this number: some are long, some are cut. */
export function writeReply(number: number): { readonly text: string; readonly isCut: boolean } {
  const text = `r${number}${"abcdefghijklmnopqrstuvwxyz".slice(0, (number * 7) % 25)}.`;
  return { text, isCut: number % 3 === 0 };
}

/** Writes the replies of `writeReply`, one after the other. */
function createCountingReplies(): Engine {
  let replies = 0;
  return {
    modelName: "counting",
    countBasis: "one",
    contextTokens: 100_000,
    overheadTokens: 0,
    parallelReplies: 4,
    countTokens: async () => 1,
    async *generate(): AsyncGenerator<EngineEvent, void> {
      replies += 1;
      const { isCut, text } = writeReply(replies);
      yield { type: "text-delta", text };
      const counts = { promptTokens: 1, reusedTokens: 0, replyTokens: 1 };
      const usage = { ...counts, firstTokenMs: 1, totalMs: 1 };
      yield { type: "end", reason: isCut ? "length" : "stop", usage };
    },
    forget: async () => {},
  };
}

/** The domain over a real store, with people who see what it shows. */
export class ControlsWorld {
  readonly shown = new ShownPlaces(newId);
  readonly surface: ReplySurface = { ...bind(this.shown), markInterrupted: async () => {} };
  readonly errors: string[] = [];
  readonly familiar: Familiar;
  #ended = 0;
  readonly #awaited = new Set<() => void>();

  constructor(store: Store) {
    const { surface } = this;
    const { conversations, replies, systemPrompts } = store;
    const watched = {
      ...replies,
      end: async (...ending: Parameters<typeof replies.end>) => {
        await replies.end(...ending);
        this.#ended += 1;
        for (const look of this.#awaited) look();
      },
    };
    const places = {
      starterOf: async () => undefined,
      messagesAfter: async () => [],
      messagesBefore: async () => [],
    };
    const log = {
      ...silentLog,
      error: (_: unknown, message: string) => void this.errors.push(message),
    };
    const ports = {
      conversations,
      ...noArchive,
      lore: noLore,
      notes: noNotes,
      privacy: store.privacy,
      replies: watched,
      systemPrompts,
      surface,
      places,
    };
    this.familiar = new Familiar(
      {
        ...ports,
        ...createSettings(),
        engine: createCountingReplies(),
        clock: new HandClock(),
        log,
      },
      {
        defaultSystemPrompt: "",
        maxReplyTokens: 100,
        maxReplyParts: 10,
        showThoughts: false,
        replyTimeoutMs: 60_000,
        maxWaiting: 4,
        maxWaitingPerUser: 4,
        sampling: GREEDY,
      },
    );
    this.shown.onDeleted = (placeId, ids) => this.familiar.forgetMessages(placeId, ids);
  }

  /** Runs something that has a reply written, and waits until that is stored and shown. */
  async untilReplied(task: () => Promise<void>): Promise<void> {
    const [ended, finished] = [this.#ended + 1, this.shown.finished + 1];
    await task();
    while (this.#ended < ended || this.shown.finished < finished) await settle();
    await settle();
  }
}

function bind(shown: ShownPlaces) {
  return {
    open: shown.open.bind(shown),
    showControls: shown.showControls.bind(shown),
    remove: shown.remove.bind(shown),
    clearWaiting: shown.clearWaiting.bind(shown),
    apologise: shown.apologise.bind(shown),
  };
}
