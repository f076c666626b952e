import type { Conversation } from "../conversation.ts";
import type { Sampling } from "../sampling.ts";
import { toSampling } from "./effective-sampling.ts";
import type { SettingsLibrary } from "./settings-library.ts";

interface GeneralSettings {
  readonly sampling: Sampling;
  readonly showThoughts: boolean;
}

/** The general settings, with what is set for a place and what its persona prefers. */
export async function settingsIn<General extends GeneralSettings>(
  library: Pick<SettingsLibrary, "effective">,
  general: General,
  { persona, place }: Pick<Conversation, "place"> & Partial<Pick<Conversation, "persona">>,
): Promise<General> {
  const { sampling: layers, values } = await library.effective(place);
  const preferred = persona?.content.sampling ?? {};
  const sampling = toSampling({ layers, persona: preferred, defaults: general.sampling });
  return { ...general, sampling, showThoughts: values.showThoughts };
}
