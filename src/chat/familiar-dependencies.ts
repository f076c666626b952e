import type { AdoptionDependencies } from "./adopt/adoptions.ts";
import type { SummaryStore } from "./memory/summary-store.ts";
import type { EmbeddingPorts } from "./memory/turn-embeddings.ts";
import type { PlaceReader, ThreadOpener } from "./place-ports.ts";
import type { SystemPromptStore } from "./ports.ts";
import type { PrivacyStore } from "./privacy/privacy-store.ts";
import type { AnswerPorts } from "./reply/answer.ts";
import type { UsageStore } from "./settings/quota.ts";

export interface FamiliarDependencies
  extends
    Omit<AnswerPorts, "embeddings" | "summaries">,
    Pick<AdoptionDependencies, "adoptions" | "archive"> {
  /** Undefined: old turns are found by their words alone. */
  readonly embedding?: EmbeddingPorts | undefined;
  /** Undefined: nothing is summarised. */
  readonly summaries?: SummaryStore | undefined;
  readonly systemPrompts: SystemPromptStore;
  readonly places: PlaceReader;
  readonly privacy: PrivacyStore;
  readonly threads: ThreadOpener;
  readonly usages: UsageStore;
}
