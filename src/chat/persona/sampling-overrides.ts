import type { Conversation } from "../conversation.ts";
import type { SamplingOverrides } from "../sampling.ts";

/** What a conversation sets otherwise than the settings; the place's own is nearer than its persona's. */
export function toSamplingOverrides({
  persona,
  sampling,
}: Pick<Conversation, "persona" | "sampling">): SamplingOverrides {
  return { ...persona?.content.sampling, ...sampling };
}
