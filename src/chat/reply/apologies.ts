import type { ChannelId } from "../ids.ts";
import type { Place, SaidMessage } from "../place.ts";
import type { Clock, Log } from "../ports.ts";
import type { ReplySurface } from "../reply-surface.ts";
import { toApology } from "./apology.ts";

/** Whoever goes on talking to a database that is away has been told. */
const TOLD_FOR_MS = 3 * 60_000;

/** So long is a place known as one where all that is said is answered. */
const KNOWN_FOR_MS = 60 * 60_000;

const PLACES_REMEMBERED = 1_000;

export interface ApologyDependencies {
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  readonly surface: Pick<ReplySurface, "apologise">;
}

/** Says in a place that something which was said there gets no answer. */
export class Apologies {
  readonly #dependencies: ApologyDependencies;
  readonly #told = new RecentPlaces();
  readonly #answersAll = new RecentPlaces();

  constructor(dependencies: ApologyDependencies) {
    this.#dependencies = dependencies;
  }

  /** Something that is said there was taken in. */
  noteHeard({ id }: Place, { answersAll }: { readonly answersAll: boolean }): void {
    if (answersAll) this.#answersAll.note(id, this.#now());
    else this.#answersAll.delete(id);
  }

  /** A reply failed before anything of it was shown. */
  async forReply(place: Place, error: unknown): Promise<void> {
    const { log, surface } = this.#dependencies;
    log.error({ error, placeId: place.id }, "A turn failed");
    this.#told.note(place.id, this.#now());
    await surface.apologise(place, toApology(error));
  }

  /**
   * A message could not be taken in. Nobody knows whether it was to be answered: it is apologised for
   * where that is certain without the database, once in three minutes.
   */
  async forUnheard(message: SaidMessage, error: unknown): Promise<void> {
    const { place } = message;
    const isTold = this.#told.isWithin(place.id, this.#now() - TOLD_FOR_MS);
    if (!isTold && this.#isForFamiliar(message)) await this.forReply(place, error);
    else this.noteQuietly(place, error);
  }

  /** Something failed that nobody waits for. */
  noteQuietly({ id }: Place, error: unknown): void {
    this.#dependencies.log.error({ error, placeId: id }, "What was said could not be taken in");
  }

  #isForFamiliar({ place, text, ...said }: SaidMessage): boolean {
    if (!said.isFromPerson || text === "") return false;
    if (place.kind === "direct" || said.mentionsFamiliar || said.repliesToFamiliar) return true;
    return this.#answersAll.isWithin(place.id, this.#now() - KNOWN_FOR_MS);
  }

  #now(): number {
    return this.#dependencies.clock.now();
  }
}

/** When something last was so, of the places where it was so last. */
class RecentPlaces {
  readonly #times = new Map<ChannelId, number>();

  note(id: ChannelId, now: number): void {
    this.#times.delete(id);
    this.#times.set(id, now);
    const [oldest] = this.#times.keys();
    if (this.#times.size > PLACES_REMEMBERED && oldest !== undefined) this.#times.delete(oldest);
  }

  delete(id: ChannelId): void {
    this.#times.delete(id);
  }

  isWithin(id: ChannelId, since: number): boolean {
    return (this.#times.get(id) ?? Number.NEGATIVE_INFINITY) > since;
  }
}
