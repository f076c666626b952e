import type { ReplySurface, ReplyView } from "../../src/chat/reply-surface.ts";
import { createReplySurface } from "../../src/discord/reply/reply-surface.ts";
import type { ReplyClient } from "../../src/discord/reply/message-requests.ts";
import type { Schedule } from "../../src/discord/reply/schedule.ts";
import { clock } from "./answer-settings.ts";
import { quietLog } from "./quiet-log.ts";

const FIRST_POSTED_ID = 1_000_000_000_000_000_000n;

interface OfflineDiscordOptions {
  /** How much faster than on the clock its limits pass; default 1. */
  readonly speed?: number;
  /** Called when a reply is shown to its end. */
  readonly onFinish: (placeId: string) => void;
}

/** The real surface of replies, with a Discord behind it that takes everything at once. */
export function openOfflineSurface({ onFinish, speed = 1 }: OfflineDiscordOptions): ReplySurface {
  const schedule: Schedule = (afterMs, run) => {
    const timer = setTimeout(run, afterMs / speed);
    return () => clearTimeout(timer);
  };
  const surface = createReplySurface({
    client: createClient(),
    clock: { now: () => clock.now() * speed },
    log: quietLog,
    schedule,
  });
  return {
    open: (request) => watchFinish(surface.open(request), () => onFinish(request.place.id)),
    markInterrupted: (reply, savePart) => surface.markInterrupted(reply, savePart),
    clearWaiting: (place, after) => surface.clearWaiting(place, after),
    showControls: (place, messageId, controls) => surface.showControls(place, messageId, controls),
    remove: (place, messageIds) => surface.remove(place, messageIds),
    apologise: rejectApology,
  };
}

/** Shows nobody anything. */
export function createBlindSurface(): ReplySurface {
  const { signal: gone } = new AbortController();
  return {
    open: () => ({
      gone,
      wait: () => {},
      show: () => {},
      measure: (text) => text.length,
      finish: async () => {},
    }),
    markInterrupted: async () => {},
    clearWaiting: async () => {},
    showControls: () => {},
    remove: async () => {},
    apologise: rejectApology,
  };
}

const rejectApology: ReplySurface["apologise"] = (_place, apology) =>
  Promise.reject(new Error(JSON.stringify(apology)));

function createClient(): ReplyClient {
  let posted = 0n;
  const rest = {
    on: () => rest,
    async post() {
      posted += 1n;
      return { id: String(FIRST_POSTED_ID + posted) };
    },
    patch: async () => ({}),
    delete: async () => ({}),
    get: async () => [],
  };
  const ws = { on: () => ws };
  const client = { application: null, channels: { cache: new Map() }, rest, user: { id: "1" }, ws };
  return client as unknown as ReplyClient;
}

function watchFinish(view: ReplyView, onFinish: () => void): ReplyView {
  return {
    gone: view.gone,
    wait: (sentence) => view.wait(sentence),
    show: (text) => view.show(text),
    measure: (text, messages) => view.measure(text, messages),
    async finish(ending) {
      await view.finish(ending);
      onFinish();
    },
  };
}
