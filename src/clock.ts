import type { Clock } from "./chat/ports.ts";
import { pause } from "./discord/rest/pause.ts";

export const systemClock: Clock = {
  now: () => performance.now(),
  wait: (ms, signal) => pause(ms, signal),
  date: () => new Date(),
};
