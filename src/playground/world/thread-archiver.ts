import type { Backend } from "../backend.ts";
import { toTimestampMs } from "./snowflake.ts";
import { updateThread } from "../rest/threads.ts";

const sweepIntervalMs = 60_000;

/** Archives threads in which nothing was said for as long as they allow. */
export function startArchiver(backend: Backend): Disposable {
  const timer = setInterval(() => archiveIdleThreads(backend), sweepIntervalMs);
  timer.unref();
  archiveIdleThreads(backend);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function archiveIdleThreads(backend: Backend): void {
  const { world } = backend;
  for (const channel of world.channels.values()) {
    if (channel.thread === null || channel.thread.archived) continue;
    const lastSaid = toTimestampMs(world.messages.last(channel.id)?.id ?? channel.id);
    const woken = Date.parse(channel.thread.archiveTimestamp);
    const idleMs = world.now() - Math.max(lastSaid, woken);
    if (idleMs > channel.thread.autoArchiveMinutes * 60_000)
      updateThread(backend, channel, { archived: true });
  }
}
