import type { Place } from "../place.ts";
import type { Clock } from "../ports.ts";
import type { SettingsLibrary } from "../settings/settings-library.ts";

export interface TimeSources {
  readonly clock: Pick<Clock, "date">;
  readonly settings: Pick<SettingsLibrary, "effective">;
}

/** What time it is for those who talk in a place. */
export interface PlaceTime {
  readonly now: Date;
  readonly zone: string;
  /** The model is told when things were said. */
  readonly isTold: boolean;
}

export async function readTime({ clock, settings }: TimeSources, place: Place): Promise<PlaceTime> {
  const { values } = await settings.effective(place);
  return { now: clock.date(), zone: values.timeZone, isTold: values.tellTime };
}
