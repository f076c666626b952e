// Lets everything happen that waits for nothing but promises.
import { setImmediate as settle } from "node:timers/promises";
import {
  array,
  assert,
  asyncProperty,
  constant,
  constantFrom,
  integer,
  oneof,
  record,
} from "fast-check";
import type { Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import type { UserId } from "../../../src/chat/ids.ts";
import { toUserId } from "../../../src/chat/ids.ts";
import { ReplyLine } from "../../../src/chat/reply/reply-line.ts";

type Outcome = "waiting" | "running" | "ended" | "aborted" | "refused";

interface Visitor {
  readonly name: string;
  readonly abort: AbortController;
  /** All places that it was told. */
  readonly places: number[];
  /** Nothing else of the same user ran or waited when it came. */
  readonly cameAlone: boolean;
  /** How many had been served when it came. */
  readonly servedBefore: number;
  outcome: Outcome;
  place: Disposable | undefined;
}

const ROOMY = { places: 1, maxWaiting: 1_000, maxWaitingPerUser: 1_000 };
const IDS = new Map<string, UserId>([
  ["ada", toUserId("1")],
  ["ben", toUserId("2")],
  ["cleo", toUserId("3")],
]);

/** A line and everyone who ever came to it. */
class Office {
  readonly line: ReplyLine;
  readonly visitors: Visitor[] = [];
  /** In the order in which they were served. */
  readonly served: Visitor[] = [];

  constructor(limits: Partial<typeof ROOMY> = {}) {
    this.line = new ReplyLine({ ...ROOMY, ...limits });
  }

  /** "nobody" comes for nobody in particular. */
  async come(...names: readonly string[]): Promise<void> {
    for (const name of names) this.#come(name);
    await settle();
  }

  /** Ends a reply; the oldest unless told otherwise. */
  async end(visitor = this.served.find(({ outcome }) => outcome === "running")): Promise<void> {
    if (visitor === undefined) throw new Error("Nobody is served");
    visitor.outcome = "ended";
    visitor.place?.[Symbol.dispose]();
    await settle();
  }

  async endAll(): Promise<void> {
    while (this.inOutcome("running").length > 0) await this.end();
  }

  visitor(index: number): Visitor {
    const visitor = this.visitors[index];
    if (visitor === undefined) throw new Error(`There is no visitor ${index}`);
    return visitor;
  }

  inOutcome(outcome: Outcome): Visitor[] {
    return this.visitors.filter((visitor) => visitor.outcome === outcome);
  }

  get outcomes(): Outcome[] {
    return this.visitors.map(({ outcome }) => outcome);
  }

  get servedNames(): string[] {
    return this.served.map(({ name }) => name);
  }

  #isHere(name: string): boolean {
    if (name === "nobody") return false;
    return this.visitors.some(
      (other) => other.name === name && ["running", "waiting"].includes(other.outcome),
    );
  }

  #come(name: string): void {
    const abort = new AbortController();
    const visitor: Visitor = {
      name,
      abort,
      places: [],
      cameAlone: !this.#isHere(name),
      servedBefore: this.served.length,
      outcome: "waiting",
      place: undefined,
    };
    this.visitors.push(visitor);
    const onPlace = (place: number): void => void visitor.places.push(place);
    this.line.enter({ userId: IDS.get(name), signal: abort.signal, onPlace }).then(
      (place) => {
        Object.assign(visitor, { outcome: "running", place });
        return this.served.push(visitor);
      },
      (error: unknown) => {
        visitor.outcome = error === abort.signal.reason ? "aborted" : "refused";
      },
    );
  }
}

it("serves at once while places are free, without a word about the line", async () => {
  const office = new Office({ places: 2 });
  await office.come("ada", "ben");
  expect(office.outcomes).toEqual(["running", "running"]);
  expect(office.visitors.flatMap(({ places }) => places)).toEqual([]);
  expect([office.line.running, office.line.waiting]).toEqual([2, 0]);
});

it("lets the rest wait until a place is free", async () => {
  const office = new Office({ places: 2 });
  await office.come("ada", "ben", "cleo");
  expect(office.outcomes).toEqual(["running", "running", "waiting"]);
  expect([office.line.running, office.line.waiting]).toEqual([2, 1]);
  await office.end(office.visitor(1));
  expect(office.outcomes).toEqual(["running", "ended", "running"]);
});

it("frees a place once, however often it is disposed of", async () => {
  const office = new Office();
  await office.come("ada", "ben", "cleo");
  await office.end(office.visitor(0));
  await office.end(office.visitor(0));
  expect(office.outcomes).toEqual(["ended", "running", "waiting"]);
});

describe("fairness", () => {
  it("serves one who has one thread before the other threads of one who has five", async () => {
    const office = new Office();
    await office.come("ada", "ada", "ada", "ada", "ada", "ben");
    await office.endAll();
    expect(office.servedNames).toEqual(["ada", "ben", "ada", "ada", "ada", "ada"]);
  });

  it("takes turns between those who have several threads each", async () => {
    const office = new Office();
    await office.come("ada", "ada", "ada", "ben", "ben", "cleo");
    await office.endAll();
    expect(office.servedNames).toEqual(["ada", "ben", "cleo", "ada", "ben", "ada"]);
  });

  it("prefers those for whom fewer replies run", async () => {
    const office = new Office({ places: 3 });
    await office.come("ada", "ada", "ben", "ada", "ben", "cleo");
    await office.end(office.visitor(0));
    await office.end(office.visitor(2));
    expect(office.servedNames).toEqual(["ada", "ada", "ben", "cleo", "ben"]);
  });

  it("does not let those who come newly overtake one who waits", async () => {
    const office = new Office();
    await office.come("ada", "ada", "ben");
    await office.end();
    await office.come("nobody", "nobody");
    await office.endAll();
    expect(office.servedNames).toEqual(["ada", "ben", "ada", "nobody", "nobody"]);
  });

  it("counts each one for nobody in particular as a user of its own", async () => {
    const office = new Office({ maxWaitingPerUser: 1 });
    await office.come("nobody", "nobody", "nobody", "ada");
    await office.endAll();
    expect(office.servedNames).toEqual(["nobody", "nobody", "nobody", "ada"]);
  });
});

describe("places", () => {
  it("tells the place on coming in and on each change", async () => {
    const office = new Office();
    await office.come("ada", "ben", "cleo");
    await office.end();
    await office.end();
    expect(office.visitors.map(({ places }) => places)).toEqual([[], [1], [2, 1]]);
  });

  it("tells a greater place to those whom someone goes before", async () => {
    const office = new Office();
    await office.come("ada", "ada", "ben");
    expect(office.visitors.map(({ places }) => places)).toEqual([[], [1, 2], [1]]);
  });

  it("moves those behind one who gives up", async () => {
    const office = new Office();
    await office.come("ada", "ben", "cleo");
    office.visitor(1).abort.abort();
    expect(office.visitor(2).places).toEqual([2, 1]);
  });

  it("stays right where someone gives up on hearing a place", async () => {
    const line = new ReplyLine(ROOMY);
    const abort = new AbortController();
    const { signal } = new AbortController();
    const places: number[] = [];
    const running = await line.enter({ userId: undefined, signal, onPlace: () => {} });
    const enter = (giveUpAt: number): Promise<Disposable> =>
      line.enter({
        userId: undefined,
        signal: giveUpAt > 0 ? abort.signal : signal,
        onPlace: (place) => (place === giveUpAt ? abort.abort() : places.push(place)),
      });
    const before = enter(0);
    const quitter = enter(1);
    const last = enter(0);
    running[Symbol.dispose]();
    await expect(quitter).rejects.toBe(abort.signal.reason);
    (await before)[Symbol.dispose]();
    (await last)[Symbol.dispose]();
    expect(places).toEqual([1, 2, 3, 1]);
  });
});

describe("bounds", () => {
  it("refuses at once, in one sentence, when too many wait", async () => {
    const line = new ReplyLine({ ...ROOMY, maxWaiting: 1 });
    const { signal } = new AbortController();
    const request = { userId: undefined, signal, onPlace: () => {} };
    await line.enter(request);
    void line.enter(request);
    await expect(line.enter(request)).rejects.toMatchObject({
      code: "queue-full",
      of: "everyone",
    });
  });

  it("refuses a user who waits too often already, and nobody else", async () => {
    const office = new Office({ maxWaitingPerUser: 1 });
    await office.come("ada", "ada", "ada", "ben");
    expect(office.outcomes).toEqual(["running", "waiting", "refused", "waiting"]);
  });

  it("needs no line while places are free", async () => {
    const office = new Office({ places: 2, maxWaiting: 0 });
    await office.come("ada", "ada", "ada");
    expect(office.outcomes).toEqual(["running", "running", "refused"]);
    await office.end();
    await office.come("ada");
    expect(office.outcomes).toEqual(["ended", "running", "refused", "running"]);
  });
});

describe("aborts", () => {
  it("ends a wait with the signal's reason", async () => {
    const office = new Office();
    await office.come("ada", "ben", "cleo");
    office.visitor(1).abort.abort(new Error("taken back"));
    await office.end();
    expect(office.outcomes).toEqual(["ended", "aborted", "running"]);
  });

  it("refuses one who has given up before coming in", async () => {
    const reason = new Error("too late");
    const line = new ReplyLine(ROOMY);
    const request = { userId: undefined, signal: AbortSignal.abort(reason), onPlace: () => {} };
    await expect(line.enter(request)).rejects.toBe(reason);
    expect(line.running).toBe(0);
  });

  it("leaves the place to one who gives up after being served", async () => {
    const office = new Office();
    await office.come("ada", "ben");
    office.visitor(0).abort.abort();
    await settle();
    expect(office.outcomes).toEqual(["running", "waiting"]);
    await office.end();
    expect(office.outcomes).toEqual(["ended", "running"]);
  });
});

type Step =
  | { readonly kind: "come"; readonly name: string }
  | { readonly kind: "abort" | "end"; readonly which: number };

const which = integer({ min: 0, max: 9 });
const day = array(
  oneof<Arbitrary<Step>[]>(
    record({ kind: constant("come"), name: constantFrom(...IDS.keys(), "nobody") }),
    record({ kind: constantFrom("abort", "end"), which }),
  ),
  { maxLength: 40, size: "max" },
);
const limits = record({
  places: integer({ min: 1, max: 3 }),
  maxWaiting: integer({ min: 0, max: 8 }),
  maxWaitingPerUser: integer({ min: 1, max: 4 }),
});

async function take(office: Office, step: Step): Promise<void> {
  if (step.kind === "come") return await office.come(step.name);
  const among = office.inOutcome(step.kind === "end" ? "running" : "waiting");
  const visitor = among[step.which % Math.max(1, among.length)];
  if (visitor === undefined) return;
  if (step.kind === "end") return await office.end(visitor);
  visitor.abort.abort();
  await settle();
}

/** Runs random days, and looks at the line after each step. */
function everyDay(check: (office: Office, bounds: typeof ROOMY) => void): Promise<void> {
  return assert(
    asyncProperty(day, limits, async (steps, bounds) => {
      const office = new Office(bounds);
      for (const step of steps) {
        await take(office, step);
        check(office, bounds);
      }
    }),
  );
}

/** Runs random days, and looks at each when all its steps are done. */
function everyDayEnding(check: (office: Office) => Promise<void>): Promise<void> {
  return assert(
    asyncProperty(day, limits, async (steps, bounds) => {
      const office = new Office(bounds);
      for (const step of steps) await take(office, step);
      await check(office);
    }),
  );
}

describe("whatever happens", () => {
  it("runs no more than its places, and leaves none free while someone waits", async () => {
    await everyDay((office, { places }) => {
      const { running, waiting } = office.line;
      expect(running).toBe(office.inOutcome("running").length);
      expect(waiting).toBe(office.inOutcome("waiting").length);
      expect(running).toBeLessThanOrEqual(places);
      expect(running === places || waiting === 0).toBe(true);
    });
  });

  it("lets no more wait than the bounds allow", async () => {
    await everyDay((office, { maxWaiting, maxWaitingPerUser }) => {
      const waiting = office.inOutcome("waiting");
      expect(waiting.length).toBeLessThanOrEqual(maxWaiting);
      const ofAda = waiting.filter(({ name }) => name === "ada");
      expect(ofAda.length).toBeLessThanOrEqual(maxWaitingPerUser);
    });
  });

  it("tells those who wait the places from 1 on, and nobody the same place twice in a row", async () => {
    await everyDay((office) => {
      const told = office.inOutcome("waiting").map(({ places }) => places.at(-1) ?? 0);
      expect(told.toSorted((a, b) => a - b)).toEqual(told.map((_place, index) => index + 1));
      for (const { places } of office.visitors) {
        expect(places.filter((place, index) => place === places[index - 1])).toEqual([]);
      }
    });
  });

  it("serves in the order it told, where replies end as they began and nobody comes", async () => {
    await everyDayEnding(async (office) => {
      const placeOf = ({ places }: Visitor): number => places.at(-1) ?? 0;
      const told = office.inOutcome("waiting").toSorted((a, b) => placeOf(a) - placeOf(b));
      const before = office.served.length;
      await office.endAll();
      expect(office.served.slice(before)).toEqual(told);
    });
  });

  it("serves one with a single reply after at most one reply of each other user", async () => {
    await everyDayEnding(async (office) => {
      await office.endAll();
      for (const [index, visitor] of office.served.entries()) {
        if (!visitor.cameAlone) continue;
        const others = office.served.slice(visitor.servedBefore, index).map(({ name }) => name);
        const named = others.filter((name) => name !== "nobody");
        expect(new Set(named).size).toBe(named.length);
      }
    });
  });
});
