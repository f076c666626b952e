import type { Controller } from "../control/assert-control.ts";
import type { RowId } from "../conversation.ts";
import type { UserId } from "../ids.ts";
import { MAX_NOTES } from "../memory/note.ts";
import type { Note } from "../memory/note.ts";
import type { Notes } from "../memory/notes.ts";
import type { Place } from "../place.ts";
import type { Privacy } from "../privacy/privacy.ts";
import { InvalidInput } from "../problem.ts";
import type { SettingsLibrary } from "../settings/settings-library.ts";
import { toFactKey } from "./content-words.ts";
import type { LearningStore } from "./learning-store.ts";
import { toFactReach } from "./proposal.ts";

export interface LearningDependencies {
  readonly learning: LearningStore;
  readonly notes: Pick<Notes, "forgetEvaluated">;
  readonly privacy: Pick<Privacy, "hasOptedOut">;
  readonly settings: Pick<SettingsLibrary, "effective">;
  /** Has messages show what has become of their proposals. */
  readonly refresh: () => Promise<void>;
}

/** Who decides on a proposal, and where. */
export interface Decision {
  readonly id: RowId;
  readonly place: Place;
  readonly by: Controller;
}

/** What people decide about what is learned of them. */
export class Learning {
  readonly #dependencies: LearningDependencies;

  constructor(dependencies: LearningDependencies) {
    this.#dependencies = dependencies;
  }

  async hasConsented(userId: UserId): Promise<boolean> {
    return await this.#dependencies.learning.hasConsented(userId);
  }

  /** Whether anything is learned in a place of those who consent. */
  async isOnIn(place: Place): Promise<boolean> {
    if (place.kind === "direct") return true;
    return (await this.#dependencies.settings.effective(place)).values.learning;
  }

  /**
   * False where it was so already.
   *
   * @throws {InvalidInput} where nothing that the person says is stored
   */
  async consent(userId: UserId, since: Date): Promise<boolean> {
    const { learning, privacy } = this.#dependencies;
    if (await privacy.hasOptedOut(userId)) throw new InvalidInput({ kind: "learning-opted-out" });
    return await learning.consent(userId, since);
  }

  /** What is undecided goes. False where there was no consent. */
  async withdraw(userId: UserId): Promise<boolean> {
    const { learning, refresh } = this.#dependencies;
    const hadConsented = await learning.withdraw(userId);
    await refresh();
    return hadConsented;
  }

  /** Makes a note of it. @throws {InvalidInput} */
  async keep(decision: Decision): Promise<Note> {
    const { learning, notes, refresh } = this.#dependencies;
    const { by, id, place } = decision;
    await this.#find(decision);
    const kept = await learning.keep(id, {
      kind: "person",
      ...toFactReach(place),
      persona: undefined,
      about: by.speaker.id,
      author: by.speaker,
    });
    if (kept === "gone") throw new InvalidInput({ kind: "proposal-gone" });
    if (kept === "too-many") {
      throw new InvalidInput({ kind: "too-many-notes", most: MAX_NOTES.person });
    }
    await notes.forgetEvaluated(kept);
    await refresh();
    return kept;
  }

  /** It is not proposed again. @throws {InvalidInput} */
  async discard(decision: Decision): Promise<void> {
    const { learning, refresh } = this.#dependencies;
    const text = await this.#find(decision);
    const isDiscarded = await learning.discard(decision.id, toFactKey(text));
    if (!isDiscarded) throw new InvalidInput({ kind: "proposal-gone" });
    await refresh();
  }

  /** False for what is in no store: it was dropped, and its message may be left. */
  async isKnown(id: RowId): Promise<boolean> {
    return (await this.#dependencies.learning.find(id)) !== undefined;
  }

  /** What it says. @throws {InvalidInput} where there is nothing to decide for the person */
  async #find({ by, id, place }: Decision): Promise<string> {
    const found = await this.#dependencies.learning.find(id);
    if (found === undefined || found.placeId !== place.id) {
      throw new InvalidInput({ kind: "proposal-gone" });
    }
    if (found.person !== by.speaker.id) throw new InvalidInput({ kind: "proposal-foreign" });
    if (found.text !== undefined) return found.text;
    await this.#dependencies.refresh();
    throw new InvalidInput({ kind: "proposal-gone" });
  }
}
