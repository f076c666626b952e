import type { Adoptions } from "../adopt/adoptions.ts";
import { restoreControls } from "../control/place-controls.ts";
import type { ControlPorts } from "../control/place-controls.ts";
import type { RowId } from "../conversation.ts";
import { forgetConversation } from "../forget-evaluated.ts";
import type { ChannelId, UserId } from "../ids.ts";
import type { RunningLearner } from "../learning/learner.ts";
import type { Note } from "../memory/note.ts";
import type { EmbeddingPorts } from "../memory/turn-embeddings.ts";
import type { Engine, Log } from "../ports.ts";
import { InvalidInput } from "../problem.ts";
import { quoteLineOf } from "../prompt/quote.ts";
import type { ReplyQueue } from "../reply/reply-queue.ts";
import { forgetStale } from "./forget-stale.ts";
import type {
  Held,
  OwnCursor,
  OwnPage,
  OwnText,
  OwnWords,
  PersonIn,
  PrivacyStore,
  Step,
  StoredPlace,
} from "./privacy-store.ts";
import type { Withheld } from "./withheld.ts";

/** Of what one export holds, in UTF-16 units: it is put together in memory. */
const MAX_EXPORT_LENGTH = 100_000_000;

export interface PrivacyDependencies extends ControlPorts {
  readonly adoptions: Pick<Adoptions, "noteChange">;
  readonly embedding?: EmbeddingPorts | undefined;
  readonly engine: Engine;
  readonly learner?: Pick<RunningLearner, "refresh"> | undefined;
  readonly log: Log;
  readonly privacy: PrivacyStore;
  readonly queue: Pick<ReplyQueue, "ended" | "isRunning" | "takeBackAll">;
  readonly withheld: Withheld;
  /** Forgets all that there is of a place. */
  readonly forgetPlace: (placeId: ChannelId) => Promise<void>;
}

export interface ForgetRequest extends PersonIn {
  /** By Discord's clock. */
  readonly until: Date;
  /** Also the replies that the person asked for. */
  readonly withReplies: boolean;
  /** The person's direct messages; undefined where there are none. */
  readonly directId: ChannelId | undefined;
}

/** All that a person may take along. */
export interface OwnData {
  readonly held: readonly Held[];
  readonly words: readonly OwnWords[];
  readonly replies: readonly OwnWords[];
  readonly notes: readonly Note[];
  /** What Familiar would remember of them, and they have yet to decide on. */
  readonly proposals: readonly OwnWords[];
  /** System prompts and personas that they wrote. */
  readonly texts: readonly OwnText[];
  readonly hasOptedOut: boolean;
}

/** What people may know and decide about what is held of them. */
export class Privacy {
  readonly #dependencies: PrivacyDependencies;

  constructor(dependencies: PrivacyDependencies) {
    this.#dependencies = dependencies;
  }

  /** What there is of a person, in numbers. */
  async held(person: PersonIn): Promise<readonly Held[]> {
    return await this.#dependencies.privacy.held(person);
  }

  async hasOptedOut(userId: UserId): Promise<boolean> {
    return await this.#dependencies.withheld.hasOptedOut(userId);
  }

  /** From now on, nothing that the person says is stored. False where it was so already. */
  async optOut(userId: UserId): Promise<boolean> {
    const isNew = await this.#dependencies.withheld.optOut(userId);
    await this.#dependencies.learner?.refresh();
    return isNew;
  }

  /** False where it was so already. */
  async optIn(userId: UserId): Promise<boolean> {
    return await this.#dependencies.withheld.optIn(userId);
  }

  /** @throws {InvalidInput} where it is too much for one file */
  async own(person: PersonIn): Promise<OwnData> {
    const { privacy } = this.#dependencies;
    const held = await privacy.held(person);
    const said = await readAll((after) => privacy.ownWords(person, after));
    // What they replied to is someone else's.
    const words = said.map(({ place, saidAt, text }) => ({
      place,
      saidAt,
      text: text.slice(quoteLineOf(text).length),
    }));
    const replies = await readAll((after) => privacy.askedReplies(person, after));
    const notes = await privacy.ownNotes(person);
    const proposals = await privacy.ownProposals(person);
    const texts = await privacy.ownTexts(person);
    const hasOptedOut = await this.hasOptedOut(person.userId);
    return { held, words, replies, notes, proposals, texts, hasOptedOut };
  }

  /**
   * Forgets a person, in their own words, in those that Familiar was given about them, and in what it
   * has evaluated. When it resolves, that is done.
   */
  async forget(request: ForgetRequest): Promise<void> {
    const { scope, until, userId, withReplies } = request;
    const { privacy, withheld } = this.#dependencies;
    const person = { userId, scope };
    // First of all, so that nothing comes in again that has just gone.
    await withheld.addForgetting({ ...person, until });
    const concerned = await privacy.concerned(person);
    for (const { place } of concerned) await this.#interrupt(place.id, userId);
    // Before the places: the messages that show it are found by them.
    await this.#forgetLearned(person);
    await untilDone(() => privacy.forgetWords(person));
    const gone = withReplies
      ? await untilDone(() => privacy.forgetReplies(person))
      : (await untilDone(() => privacy.forgetAsking(person)), new Set<RowId>());
    // By now it is known which messages showed replies there.
    if (withReplies) await this.#forgetDirect(concerned, request);
    // What was being learned meanwhile.
    await this.#forgetLearned(person);
    await privacy.forgetBeside(person);
    await forgetStale(this.#dependencies);
    this.#forgetAfterReplies(concerned);
    await this.#restore(concerned.filter(({ id }) => gone.has(id)));
  }

  /** A reply to the person stops; what is just being read back is read anew. */
  async #interrupt(placeId: ChannelId, userId: UserId): Promise<void> {
    const { adoptions, queue } = this.#dependencies;
    adoptions.noteChange(placeId);
    await queue.takeBackAll(placeId, userId);
  }

  async #forgetLearned(person: PersonIn): Promise<void> {
    const { learner, privacy } = this.#dependencies;
    await privacy.forgetLearned(person);
    await learner?.refresh();
  }

  /** Nobody else was ever there. */
  async #forgetDirect(
    concerned: readonly StoredPlace[],
    { directId, scope }: ForgetRequest,
  ): Promise<void> {
    if (scope.kind === "guild") return;
    const places = concerned.filter(({ place }) => place.kind === "direct");
    const ids = new Set(places.map(({ place }) => place.id));
    if (directId !== undefined) ids.add(directId);
    for (const id of ids) await this.#dependencies.forgetPlace(id);
  }

  /** A reply to someone else may have read what is gone by now. */
  #forgetAfterReplies(concerned: readonly StoredPlace[]): void {
    const { queue } = this.#dependencies;
    for (const { id, place } of concerned) {
      if (!queue.isRunning(place.id)) continue;
      void queue.ended(place.id).then(() => forgetConversation(this.#dependencies, id));
    }
  }

  /** The messages of replies that are gone keep no buttons. */
  async #restore(places: readonly StoredPlace[]): Promise<void> {
    const { log } = this.#dependencies;
    for (const { place } of places) {
      try {
        await restoreControls(this.#dependencies, place);
      } catch (error) {
        log.warn({ error, placeId: place.id }, "Buttons of a forgotten reply may be left");
      }
    }
  }
}

async function untilDone(take: () => Promise<Step>): Promise<ReadonlySet<RowId>> {
  const conversations = new Set<RowId>();
  for (;;) {
    const step = await take();
    for (const id of step.conversations) conversations.add(id);
    if (step.isDone) return conversations;
  }
}

async function readAll(
  readPage: (after: OwnCursor | undefined) => Promise<OwnPage>,
): Promise<readonly OwnWords[]> {
  const all: OwnWords[] = [];
  let length = 0;
  let after: OwnCursor | undefined;
  do {
    const { next, words } = await readPage(after);
    all.push(...words);
    length += words.reduce((sum, { text }) => sum + text.length, 0);
    if (length > MAX_EXPORT_LENGTH) throw new InvalidInput({ kind: "export-too-large" });
    after = next;
  } while (after !== undefined);
  return all;
}
