import type { Place } from "../place.ts";
import type { AskingMessage } from "../reply/asking-message.ts";
import type { ReplySurface } from "../reply-surface.ts";
import type { Quotas } from "./quotas.ts";

export interface AdmitDependencies {
  readonly quotas: Pick<Quotas, "freeAt" | "isNews">;
  readonly surface: Pick<ReplySurface, "apologise">;
}

/** The messages of those who may have a reply now; others are told, once, when they may again. */
export async function admit(
  { quotas, surface }: AdmitDependencies,
  place: Place,
  messages: readonly AskingMessage[],
): Promise<readonly AskingMessage[]> {
  const admitted: AskingMessage[] = [];
  for (const message of messages) {
    const { id: person } = message.author;
    const freeAt = await quotas.freeAt(place, person);
    if (freeAt === undefined) admitted.push(message);
    else if (quotas.isNews(place, person, freeAt)) {
      await surface.apologise(place, { kind: "quota-used-up", person, freeAt });
    }
  }
  return admitted;
}
