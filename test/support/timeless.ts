import type { TimeSources } from "../../src/chat/time/place-time.ts";
import { HandClock } from "./hand-clock.ts";
import { createSettings } from "./settings.ts";

/** For what is not about time: the model is told nothing of it. */
export const timeless: TimeSources = {
  clock: new HandClock(),
  settings: createSettings().settings,
};
