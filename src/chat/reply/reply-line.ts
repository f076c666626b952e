import { FamiliarError } from "../errors.ts";
import type { UserId } from "../ids.ts";
import { foreseeOrder } from "./foresee-order.ts";
import type { Owner } from "./foresee-order.ts";

export interface ReplyLineLimits {
  /** Replies that run at once. */
  readonly places: number;
  /** Replies that wait, of everyone together. */
  readonly maxWaiting: number;
  readonly maxWaitingPerUser: number;
}

export interface ReplyLineRequest {
  /** Whom the reply is for; undefined for nobody in particular, who is not bounded as a user. */
  readonly userId: UserId | undefined;
  readonly signal: AbortSignal;
  /**
   * Called with the place in the line, 1 for the next, on coming in and on each change. Not called
   * for what is served at once. Must not throw.
   */
  readonly onPlace: (place: number) => void;
}

export class QueueFull extends FamiliarError {
  /** Whose waiting replies are too many. */
  readonly of: "everyone" | "person";

  constructor(of: QueueFull["of"]) {
    super("queue-full", `Too many replies of ${of} are waiting already`);
    this.of = of;
  }
}

/** Why what is done while nobody asks has to end. */
export class NoLongerIdle extends Error {
  override readonly name = "NoLongerIdle";

  constructor() {
    super("Somebody asks");
  }
}

interface Waiter {
  readonly owner: Owner;
  readonly onPlace: (place: number) => void;
  readonly serve: (place: Disposable) => void;
  /** The place that was told last. */
  place: number | undefined;
}

/**
 * Replies wait here for one of the engine's places, fairly between users: next is whoever has the
 * fewest replies running, among these whoever has gone unserved the longest. Someone who had nothing
 * here stands behind those who already wait, so that neither many threads of one user nor many new
 * users keep anyone waiting for good.
 */
export class ReplyLine {
  readonly #limits: ReplyLineLimits;
  /** Oldest first; a person's replies are told apart, since any of them may end first. */
  readonly #running: { readonly owner: Owner }[] = [];
  /** In the order in which they came. */
  readonly #waiting: Waiter[] = [];
  /** Since when each of those above has gone unserved: their last reply's start or end, or coming. */
  readonly #turns = new Map<Owner, number>();
  #turn = 0;
  #announcement = 0;
  /** What is done while nobody asks; it has one of the places until it has ended. */
  #pastime: AbortController | undefined;
  readonly #idlers: (() => void)[] = [];

  constructor(limits: ReplyLineLimits) {
    this.#limits = limits;
  }

  get running(): number {
    return this.#running.length;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get isIdle(): boolean {
    return this.running === 0 && this.waiting === 0;
  }

  /** Resolves when nobody waits or writes. */
  async untilIdle(): Promise<void> {
    if (!this.isIdle) await new Promise<void>((resolve) => this.#idlers.push(resolve));
  }

  /**
   * Does something that has time, one thing at a time, and only where nobody waits or writes; it is
   * told to end as soon as somebody comes. False where it was told so, or did not begin.
   */
  async runIdle(task: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
    if (!this.isIdle || this.#pastime !== undefined) return false;
    const pastime = new AbortController();
    this.#pastime = pastime;
    try {
      await task(pastime.signal);
      return !pastime.signal.aborted;
    } finally {
      this.#pastime = undefined;
      this.#advance();
    }
  }

  /**
   * Resolves with a place, which is free again once it is disposed of.
   *
   * @throws the signal's reason once it is aborted while waiting
   * @throws {QueueFull} at once, where too many wait already
   */
  async enter({ onPlace, signal, userId }: ReplyLineRequest): Promise<Disposable> {
    signal.throwIfAborted();
    const owner = userId ?? Symbol("nobody in particular");
    this.#assertRoomFor(owner);
    return await new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.#remove(waiter);
        this.#advance();
        reject(signal.reason);
      };
      const serve = (place: Disposable): void => {
        signal.removeEventListener("abort", giveUp);
        resolve(place);
      };
      const waiter: Waiter = { owner, onPlace, serve, place: undefined };
      signal.addEventListener("abort", giveUp, { once: true });
      if (!this.#turns.has(owner)) this.#turns.set(owner, ++this.#turn);
      this.#waiting.push(waiter);
      this.#pastime?.abort(new NoLongerIdle());
      this.#advance();
    });
  }

  /** Whoever comes into a free place, or gets that of a pastime that is ending, does not wait. */
  #assertRoomFor(owner: Owner): void {
    const { maxWaiting, maxWaitingPerUser, places } = this.#limits;
    const free = places - this.#running.length;
    if (this.#waiting.length < free) return;
    const waiting = this.#foresee().slice(free);
    if (waiting.length >= maxWaiting) throw new QueueFull("everyone");
    if (waiting.filter((waiter) => waiter.owner === owner).length >= maxWaitingPerUser) {
      throw new QueueFull("person");
    }
  }

  #foresee(): Waiter[] {
    return foreseeOrder(this.#waiting, {
      running: this.#running.map(({ owner }) => owner),
      turns: this.#turns,
      places: this.#limits.places,
    });
  }

  /** Gives free places away and tells everyone else where they stand. */
  #advance(): void {
    const order = this.#foresee();
    const free = this.#limits.places - this.#running.length;
    const ending = this.#pastime === undefined ? 0 : 1;
    for (const waiter of order.splice(0, Math.max(0, free - ending))) this.#serve(waiter);
    // Whoever gets the place of what is just ending is as good as served.
    const left = this.#limits.places - this.#running.length;
    this.#announce(order.slice(Math.min(ending, left)));
    if (this.isIdle) for (const resolve of this.#idlers.splice(0)) resolve();
  }

  #serve(waiter: Waiter): void {
    const { owner } = waiter;
    const place = { owner };
    this.#running.push(place);
    this.#turns.set(owner, ++this.#turn);
    this.#remove(waiter);
    let isFree = false;
    waiter.serve({
      [Symbol.dispose]: () => {
        if (isFree) return;
        isFree = true;
        this.#running.splice(this.#running.indexOf(place), 1);
        this.#turns.set(owner, ++this.#turn);
        this.#forgetAbsent(owner);
        this.#advance();
      },
    });
  }

  /** Whoever is told may change the line at once; then that change has told everyone already. */
  #announce(order: readonly Waiter[]): void {
    const announcement = ++this.#announcement;
    for (const [index, waiter] of order.entries()) {
      if (announcement !== this.#announcement) return;
      if (waiter.place === index + 1) continue;
      waiter.place = index + 1;
      waiter.onPlace(index + 1);
    }
  }

  #remove(waiter: Waiter): void {
    this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
    this.#forgetAbsent(waiter.owner);
  }

  #forgetAbsent(owner: Owner): void {
    if (this.#running.some((place) => place.owner === owner)) return;
    if (this.#waiting.some((waiter) => waiter.owner === owner)) return;
    this.#turns.delete(owner);
  }
}
