import type { AdoptionDependencies } from "./adopt/adoptions.ts";
import type { LearningStore } from "./learning/learning-store.ts";
import type { ProposalSurface } from "./learning/proposal-surface.ts";
import type { RecallStore } from "./memory/recall-store.ts";
import type { SummaryStore } from "./memory/summary-store.ts";
import type { EmbeddingPorts } from "./memory/turn-embeddings.ts";
import type { PlaceReader, ThreadOpener } from "./place-ports.ts";
import type { SystemPromptStore } from "./ports.ts";
import type { PrivacyStore } from "./privacy/privacy-store.ts";
import type { AnswerPorts } from "./reply/answer-ports.ts";
import type { UsageStore } from "./settings/quota.ts";

export interface FamiliarDependencies
  extends
    Omit<AnswerPorts, "embeddings" | "learner" | "recollection" | "summaries">,
    Pick<AdoptionDependencies, "adoptions" | "archive"> {
  /** Undefined: nothing is recalled. */
  readonly recall?: RecallStore | undefined;
  /** Undefined: old turns are found by their words alone. */
  readonly embedding?: EmbeddingPorts | undefined;
  /** Undefined: nothing is summarised. */
  readonly summaries?: SummaryStore | undefined;
  /** Undefined: nothing is learned. */
  readonly learning?: LearningStore | undefined;
  readonly proposals?: ProposalSurface | undefined;
  readonly systemPrompts: SystemPromptStore;
  readonly places: PlaceReader;
  readonly privacy: PrivacyStore;
  readonly threads: ThreadOpener;
  readonly usages: UsageStore;
}
