import type { Conversation } from "../conversation.ts";
import type { RunningLearner } from "../learning/learner.ts";
import type { NoteStore } from "../memory/note-store.ts";
import type { Recollection } from "../memory/recollection.ts";
import type { RunningSummaries } from "../memory/summariser.ts";
import type { RunningEmbeddings } from "../memory/turn-embeddings.ts";
import type { Lore } from "../persona/lore.ts";
import type { Place } from "../place.ts";
import type { Clock, ConversationStore, Engine, Log, ReplyStore } from "../ports.ts";
import type { PromptSettings } from "../prompt/compose-prompt.ts";
import type { ReplySurface } from "../reply-surface.ts";
import type { Sampling } from "../sampling.ts";
import type { Quotas } from "../settings/quotas.ts";
import type { SettingsLibrary } from "../settings/settings-library.ts";
import type { Rewriting } from "./begin-reply.ts";
import type { ReplyLine } from "./reply-line.ts";
import type { ReplyNumbers } from "./reply-numbers.ts";
import type { AskedReply } from "./reply-queue.ts";
import type { Watchdog } from "./watchdog.ts";

export interface AnswerPorts {
  readonly engine: Engine;
  readonly conversations: ConversationStore;
  readonly lore: Lore;
  readonly notes: Pick<NoteStore, "read">;
  readonly recollection?: Recollection | undefined;
  readonly embeddings?: RunningEmbeddings | undefined;
  readonly summaries?: RunningSummaries | undefined;
  readonly learner?: RunningLearner | undefined;
  readonly replies: ReplyStore;
  readonly settings: Pick<SettingsLibrary, "effective" | "forget" | "quota">;
  readonly surface: ReplySurface;
  readonly clock: Clock;
  readonly log: Log;
}

export interface AnswerDependencies extends AnswerPorts {
  readonly line: ReplyLine;
  readonly numbers: ReplyNumbers;
  readonly quotas: Pick<Quotas, "count" | "startWriting">;
  readonly watchdog: Watchdog;
}

export interface AnswerSettings extends PromptSettings {
  readonly sampling: Sampling;
  /** Messages that one reply may fill. */
  readonly maxReplyParts: number;
  /** Whether people see what the model thought before it wrote. */
  readonly showThoughts: boolean;
  /** An engine that is silent for longer is given up. */
  readonly replyTimeoutMs: number;
  /** Replies that may wait for the engine, of everyone together and of one person. */
  readonly maxWaiting: number;
  readonly maxWaitingPerUser: number;
  /** So long has nobody asked before anything is summarised or learned; default 5 s. */
  readonly quietMs?: number | undefined;
  /** So long has nobody spoken in a place before anything is learned there; default 10 minutes. */
  readonly learningPauseMs?: number | undefined;
}

export interface AnswerRequest {
  readonly place: Place;
  readonly asked: AskedReply;
  /** The conversation of the place, where it has just been read. */
  readonly known: Conversation | undefined;
  /** The last reply is to be written otherwise; else a new one is. */
  readonly rewriting?: Rewriting | undefined;
}
