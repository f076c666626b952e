import { sql } from "drizzle-orm";
import type { AdoptionStore } from "../chat/adopt/adoption-store.ts";
import type { ConversationStore, Log, ReplyStore, SystemPromptStore } from "../chat/ports.ts";
import type { LearningStore } from "../chat/learning/learning-store.ts";
import type { NoteStore } from "../chat/memory/note-store.ts";
import type { SummaryStore } from "../chat/memory/summary-store.ts";
import type { RecallStore } from "../chat/memory/recall-store.ts";
import type { PersonaStore } from "../chat/persona/persona-store.ts";
import type { PrivacyStore } from "../chat/privacy/privacy-store.ts";
import { createConversationStore } from "./conversation-store.ts";
import type { SettingsStore } from "../chat/settings/settings-store.ts";
import type { UsageStore } from "../chat/settings/quota.ts";
import { createAdoptionStore } from "./adoption-store.ts";
import type { Database } from "./database.ts";
import { openPgliteDatabase } from "./pglite-database.ts";
import { openPostgresDatabase } from "./postgres-database.ts";
import { createLearningStore } from "./learning-store.ts";
import { createNoteStore } from "./note-store.ts";
import { createPersonaStore } from "./persona-store.ts";
import { createAlias, createPrivacyStore } from "./privacy-store.ts";
import type { EmbeddingKind } from "./recall/embedding-table.ts";
import { openEmbeddings } from "./recall/open-embeddings.ts";
import type { OpenedEmbeddings } from "./recall/open-embeddings.ts";
import { createRecallStore } from "./recall/recall-store.ts";
import { createReplyStore } from "./reply-store.ts";
import { createSettingsStore } from "./settings-store.ts";
import { createSummaryStore } from "./summary-store.ts";
import { createSystemPromptStore } from "./system-prompt-store.ts";
import { createUsageStore } from "./usage-store.ts";

const DEFAULT_WAIT_MS = 60_000;
const DEADLINE_MS = 12_000;

export interface StoreOptions {
  /** Undefined: the embedded database below `dataDir`, which one process at a time can use. */
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
  readonly log: Log;
  /** Ends the wait for a server that is away. */
  readonly signal: AbortSignal;
  /** How long a server that is away is waited for; default 60 s. */
  readonly waitMs?: number;
}

export interface Store extends AsyncDisposable {
  readonly adoptions: AdoptionStore;
  readonly conversations: ConversationStore;
  readonly replies: ReplyStore;
  readonly learning: LearningStore;
  readonly notes: NoteStore;
  readonly personas: PersonaStore;
  readonly privacy: PrivacyStore;
  readonly settings: SettingsStore;
  readonly summaries: SummaryStore;
  readonly recall: RecallStore;
  readonly systemPrompts: SystemPromptStore;
  /** For the embeddings of one model; once, as it prepares the database. */
  openEmbeddings(kind: EmbeddingKind): Promise<OpenedEmbeddings>;
  readonly usages: UsageStore;
  /** For people: "PGlite in data/database", "PostgreSQL 18.1 at host:5432". */
  readonly description: string;
  /** Milliseconds that the database took to answer. */
  ping(): Promise<number>;
}

/**
 * Opens the database and brings its tables up to date.
 *
 * @throws the signal's reason once it is aborted
 * @throws {FamiliarError} `config-invalid`, `store-failed` or `store-unreachable`, each with one
 *   sentence that says how to mend it
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  options.signal.throwIfAborted();
  return createStore(await openDatabase(options));
}

async function openDatabase(options: StoreOptions): Promise<Database> {
  const { databaseUrl: url, dataDir, log, signal, waitMs = DEFAULT_WAIT_MS } = options;
  if (url === undefined) return await openPgliteDatabase(dataDir, signal);
  return await openPostgresDatabase({ url, log, signal, waitMs, deadlineMs: DEADLINE_MS });
}

export function createStore(database: Database): Store {
  const alias = createAlias();
  return {
    adoptions: createAdoptionStore(database),
    conversations: createConversationStore(database),
    replies: createReplyStore(database),
    learning: createLearningStore(database),
    notes: createNoteStore(database),
    personas: createPersonaStore(database),
    privacy: createPrivacyStore(database, alias),
    settings: createSettingsStore(database),
    summaries: createSummaryStore(database),
    recall: createRecallStore(database),
    systemPrompts: createSystemPromptStore(database),
    openEmbeddings: (kind) => openEmbeddings(database, kind),
    usages: createUsageStore(database, alias),
    description: database.description,
    async ping() {
      const start = performance.now();
      await database.run("ping", (queries) => queries.execute(sql`select 1`));
      return performance.now() - start;
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}
