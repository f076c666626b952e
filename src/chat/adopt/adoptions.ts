import type { RowId } from "../conversation.ts";
import { FamiliarError } from "../errors.ts";
import type { ChannelId, MessageId } from "../ids.ts";
import type { InOrder } from "../in-order.ts";
import type { Recollection } from "../memory/recollection.ts";
import type { Place } from "../place.ts";
import type { Clock, ConversationStore, Log } from "../ports.ts";
import type { Withheld } from "../privacy/withheld.ts";
import { InvalidInput } from "../problem.ts";
import type { AdoptionStore, ImportedTurn } from "./adoption-store.ts";
import { keepOut, withoutUnasked } from "./keep-out.ts";
import { ARCHIVE_PAGE } from "./message-archive.ts";
import type { ArchivedMessage, MessageArchive } from "./message-archive.ts";
import { toAdoptedTurns } from "./to-adopted-turns.ts";

/** Most messages read at a time; two hundred requests. */
export const MAX_ADOPTED_MESSAGES = 20_000;

/** No window is longer. */
const MAX_IN_VIEW = 2_000;

/** No position is greater. */
const BEYOND_ALL = 2_147_483_647;

const ATTEMPTS = 3;
const RETRY_MS = 2_000;

export interface AdoptionDependencies {
  readonly archive: MessageArchive;
  readonly adoptions: AdoptionStore;
  readonly clock: Clock;
  readonly conversations: Pick<ConversationStore, "edge" | "find" | "open">;
  readonly events: InOrder<ChannelId>;
  readonly log: Log;
  readonly recollection?: Pick<Recollection, "note"> | undefined;
  readonly withheld: Pick<Withheld, "hasOptedOut" | "isForgotten" | "mayStore" | "toQuotable">;
}

export interface AdoptionRequest {
  readonly place: Place;
  /** What came later is heard as it comes. */
  readonly before: MessageId;
  readonly maxMessages: number;
  /** What was said before that stays where it is. */
  readonly since: Date | undefined;
  readonly onProgress: (progress: AdoptionProgress) => void;
}

export interface AdoptionProgress {
  readonly readMessages: number;
  /** Undefined where nothing was read. */
  readonly oldest: Date | undefined;
}

export interface AdoptionOutcome extends AdoptionProgress {
  readonly adoptedTurns: number;
  /** Messages whose words Discord withheld. */
  readonly withheldMessages: number;
  readonly ending: AdoptionEnding;
}

export type AdoptionEnding =
  /** There is nothing older. */
  | "beginning"
  /** As far back as was asked for. */
  | "limit"
  | "stopped"
  /** Discord or the database failed; what was read until then is kept. */
  | "failed"
  /** The conversation was deleted. */
  | "gone";

interface Running {
  isStopped: boolean;
  /** Something was changed or taken back since the page was read. */
  isChanged: boolean;
}

interface Reading extends AdoptionRequest {
  readonly running: Running;
  readonly isNew: boolean;
  conversationId: RowId | undefined;
  /** Where what was read so far begins. */
  below: number | undefined;
  readMessages: number;
  adoptedTurns: number;
  withheldMessages: number;
  oldest: Date | undefined;
}

/** Takes what was written in places before Familiar listened there into their histories. */
export class Adoptions {
  readonly #dependencies: AdoptionDependencies;
  readonly #running = new Map<ChannelId, Running>();

  constructor(dependencies: AdoptionDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Reads from the newest to the oldest, and stores page by page: whatever ends it, what was read
   * stays, and reading again adds only what is missing.
   *
   * @throws {InvalidInput} `adoption-under-way`, `messages-unreadable`
   */
  async adopt(request: AdoptionRequest): Promise<AdoptionOutcome> {
    const { id } = request.place;
    if (this.#running.has(id)) throw new InvalidInput({ kind: "adoption-under-way" });
    const running = { isStopped: false, isChanged: false };
    this.#running.set(id, running);
    try {
      const found = await this.#dependencies.conversations.find(id);
      const reading: Reading = {
        ...request,
        running,
        isNew: found === undefined,
        conversationId: found?.id,
        below: undefined,
        readMessages: 0,
        adoptedTurns: 0,
        withheldMessages: 0,
        oldest: undefined,
      };
      const outcome = toOutcome(reading, await this.#read(reading));
      const { adoptedTurns, ending, readMessages } = outcome;
      const facts = { adoptedTurns, ending, placeId: id, readMessages };
      this.#dependencies.log.info(facts, "A place was read back");
      const { conversationId } = reading;
      if (conversationId !== undefined) this.#dependencies.recollection?.note(conversationId);
      return outcome;
    } finally {
      this.#running.delete(id);
    }
  }

  /** How many turns are stored of a place. */
  async countTurns(placeId: ChannelId): Promise<number> {
    const { conversations } = this.#dependencies;
    const conversation = await conversations.find(placeId);
    if (conversation === undefined) return 0;
    return (await conversations.edge(conversation.id, BEYOND_ALL)).earlierTurns;
  }

  /**
   * Puts what comes from a file after all that was said in a place, and takes part there.
   *
   * @throws {InvalidInput} `import-opted-out`
   */
  async append(place: Place, turns: readonly ImportedTurn[]): Promise<void> {
    const { adoptions, conversations, events, recollection, withheld } = this.#dependencies;
    for (const id of new Set(turns.flatMap(({ speaker }) => speaker?.id ?? []))) {
      if (await withheld.hasOptedOut(id)) throw new InvalidInput({ kind: "import-opted-out" });
    }
    await events.run(place.id, async () => {
      const opening = { place, isParticipant: place.kind !== "channel" };
      const { id } = await conversations.open(opening);
      await adoptions.append(id, turns);
      recollection?.note(id);
    });
  }

  /** False where nothing is being read. */
  stop(placeId: ChannelId): boolean {
    const running = this.#running.get(placeId);
    if (running !== undefined) running.isStopped = true;
    return running !== undefined;
  }

  /** Stores nothing more; resolves when what is being stored is. */
  async close(): Promise<void> {
    const places = [...this.#running.keys()];
    for (const placeId of places) this.stop(placeId);
    const { events } = this.#dependencies;
    await Promise.all(places.map((placeId) => events.run(placeId, async () => {})));
  }

  /** Someone changed or took back what they had said: a page that was just read may still have it. */
  noteChange(placeId: ChannelId): void {
    const running = this.#running.get(placeId);
    if (running !== undefined) running.isChanged = true;
  }

  async #read(reading: Reading): Promise<AdoptionEnding> {
    try {
      return await this.#readPages(reading);
    } catch (error) {
      const isFirst = reading.readMessages === 0;
      if (isFirst || !(error instanceof FamiliarError)) throw error;
      const { log } = this.#dependencies;
      log.warn({ error, placeId: reading.place.id }, "Reading back broke off");
      return "failed";
    }
  }

  async #readPages(reading: Reading): Promise<AdoptionEnding> {
    const { maxMessages, running } = reading;
    let { before } = reading;
    while (!running.isStopped) {
      const read = await this.#readPage(reading, before);
      if (read === undefined) continue;
      const { ending, isFull, page } = read;
      const last = page.at(-1);
      if (ending === "gone" || ending === "limit") return ending;
      if (last === undefined || !isFull) return await this.#readStarter(reading);
      if (reading.readMessages >= maxMessages) return "limit";
      before = last.id;
    }
    return "stopped";
  }

  /** Undefined where something changed meanwhile: it is to be read again. */
  async #readPage(reading: Reading, before: MessageId) {
    const { place, running } = reading;
    running.isChanged = false;
    const fetched = await this.#fetch(place, before);
    const isFull = fetched.length === ARCHIVE_PAGE;
    const page = isFull ? withoutUnasked(fetched) : fetched;
    const wanted = withinLimits(reading, page);
    const isLast = wanted.length < page.length;
    return await this.#dependencies.events.run(place.id, async () => {
      if (running.isChanged || running.isStopped) return undefined;
      const isKept = await this.#store(reading, wanted);
      const ending = isKept ? (isLast ? "limit" : undefined) : "gone";
      return { page, isFull, ending } as const;
    });
  }

  /** A thread begins with the message that it hangs on. */
  async #readStarter(reading: Reading): Promise<AdoptionEnding> {
    const { place, running } = reading;
    if (place.kind !== "thread" || reading.readMessages >= reading.maxMessages) return "beginning";
    while (!running.isStopped) {
      running.isChanged = false;
      const starter = await this.#dependencies.archive.starterOf(place);
      const wanted = withinLimits(reading, starter === undefined ? [] : [starter]);
      const isKept = await this.#dependencies.events.run(place.id, async () =>
        running.isChanged || running.isStopped ? undefined : await this.#store(reading, wanted),
      );
      if (isKept !== undefined) return isKept ? "beginning" : "gone";
    }
    return "stopped";
  }

  async #fetch(place: Place, before: MessageId): Promise<readonly ArchivedMessage[]> {
    const { archive, clock } = this.#dependencies;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await archive.before(place, before);
      } catch (error) {
        const isPassing = error instanceof FamiliarError && error.code === "discord-failed";
        if (!isPassing || attempt === ATTEMPTS) throw error;
        await clock.wait(RETRY_MS * attempt);
      }
    }
  }

  /** False where the conversation was deleted meanwhile. */
  async #store(reading: Reading, page: readonly ArchivedMessage[]): Promise<boolean> {
    const { adoptions, conversations, withheld } = this.#dependencies;
    const { isNew, onProgress, place } = reading;
    const turns = toAdoptedTurns(await keepOut(withheld, place, page));
    if (turns.length > 0) {
      reading.conversationId ??= (await conversations.open({ place, isParticipant: false })).id;
      const isInView = isNew && reading.adoptedTurns < MAX_IN_VIEW;
      const { below, conversationId } = reading;
      const adopted = await adoptions.adopt(conversationId, { turns, isInView, below });
      if (adopted === undefined) return false;
      reading.adoptedTurns += adopted.added;
      reading.below = adopted.lowest;
    }
    reading.readMessages += page.length;
    reading.withheldMessages += page.filter(({ kind }) => kind === "withheld").length;
    reading.oldest = page.at(-1)?.saidAt ?? reading.oldest;
    if (page.length > 0) onProgress(toProgress(reading));
    return true;
  }
}

function withinLimits(
  { maxMessages, readMessages, since }: Reading,
  page: readonly ArchivedMessage[],
): readonly ArchivedMessage[] {
  const wanted = page.slice(0, maxMessages - readMessages);
  return since === undefined ? wanted : wanted.filter(({ saidAt }) => saidAt >= since);
}

function toProgress({ oldest, readMessages }: Reading): AdoptionProgress {
  return { oldest, readMessages };
}

function toOutcome(reading: Reading, ending: AdoptionEnding): AdoptionOutcome {
  const { adoptedTurns, withheldMessages } = reading;
  return { ...toProgress(reading), adoptedTurns, withheldMessages, ending };
}
