import type { Window } from "./limits.ts";

/** Which requests a fault strikes. */
export interface RequestMatch {
  readonly method: string;
  /**
   * Below `/api/v10`, with `:name` for any one segment: `/channels/:channel/messages`. A file's can
   * only be waited for: `/attachments/:channel/:id/:name`.
   */
  readonly path: string;
  /** How many requests it strikes. Default 1. */
  readonly times?: number;
}

interface AnswerFault extends RequestMatch {
  readonly status: number;
  /** Discord's error code in the body. Default 0. */
  readonly code?: number;
  /** Default `before`; `after`: the work is done, and yet this is the answer. */
  readonly when?: "before" | "after";
}

interface DropFault extends RequestMatch {
  readonly when: "before" | "after";
}

export interface Hold {
  /** Resolves when the first matching request has come and waits. */
  readonly reached: Promise<void>;
  /** Lets the waiting requests go, and strikes no more. */
  release(): void;
}

/** Makes the server misbehave on demand, for tests. */
export interface Faults {
  /** Closes every gateway connection: with the code, or cut without a word. Sessions can be resumed. */
  dropGateways(code?: number): void;
  /** Sends op 9 to every connection. */
  invalidateSessions(options: { readonly resumable: boolean }): void;
  /** Sends op 7 to every connection. */
  requestReconnect(): void;
  /** Bots that ask for one of these intents are closed with 4014; replaces what was denied before. */
  denyIntents(intents: number): void;
  /** Answers matching requests with an error. */
  answer(fault: AnswerFault): void;
  /** Cuts the connection of matching requests instead of answering. */
  drop(fault: DropFault): void;
  delay(match: RequestMatch, delayMs: number): void;
  /** Keeps matching requests waiting before anything is done. Default: all until released. */
  hold(match: RequestMatch): Hold;
  /** Error 20028: all that is written and edited in one channel, by anyone. */
  limitWrites(window: Window): void;
  /** Error 30046: edits of messages that are older than `ageMs`, of all together. Default age: an hour. */
  limitOldEdits(limit: Window & { readonly ageMs?: number }): void;
  /** Forgets every planned fault, and lets held requests go. */
  clear(): void;
}

export type Strike =
  | { readonly kind: "answer"; readonly status: number; readonly code: number }
  | { readonly kind: "drop" };

interface Plan {
  readonly matches: (method: string, path: string) => boolean;
  left: number;
}

interface PlannedStrike extends Plan {
  readonly when: "before" | "after";
  readonly strike: Strike;
}

interface PlannedWait extends Plan {
  readonly wait: () => Promise<void>;
}

/** What the router asks: which planned faults strike this request. */
export class FaultPlan {
  deniedIntents = 0;
  #strikes: PlannedStrike[] = [];
  #waits: PlannedWait[] = [];
  #releases: (() => void)[] = [];
  #writes: ((channelId: string) => number) | undefined;
  #oldEdits: ((ageMs: number) => number) | undefined;

  limitWrites(window: Window): void {
    const budgets = new Map<string, () => number>();
    this.#writes = (channelId) => {
      const spend = budgets.get(channelId) ?? createBudget(window);
      budgets.set(channelId, spend);
      return spend();
    };
  }

  limitOldEdits({ ageMs: limitMs = hourMs, ...window }: Window & { ageMs?: number }): void {
    const spend = createBudget(window);
    this.#oldEdits = (ageMs) => (ageMs < limitMs ? 0 : spend());
  }

  /** How long to wait with writing in the channel; 0: not at all. */
  takeWrite(channelId: string): number {
    return this.#writes?.(channelId) ?? 0;
  }

  /** How long to wait with an edit of a message of that age; 0: not at all. */
  takeEdit(ageMs: number): number {
    return this.#oldEdits?.(ageMs) ?? 0;
  }

  plan(match: RequestMatch, when: "before" | "after", strike: Strike): void {
    this.#strikes.push({ ...toPlan(match, 1), when, strike });
  }

  delay(match: RequestMatch, delayMs: number): void {
    const wait = (): Promise<void> =>
      new Promise((resolve) => {
        setTimeout(resolve, delayMs);
      });
    this.#waits.push({ ...toPlan(match, 1), wait });
  }

  hold(match: RequestMatch): Hold {
    const released = createSignal();
    const reached = createSignal();
    const wait = (): Promise<void> => {
      reached.give();
      return released.given;
    };
    const planned: PlannedWait = { ...toPlan(match, Number.POSITIVE_INFINITY), wait };
    this.#waits.push(planned);
    const end = (): void => {
      planned.left = 0;
      released.give();
    };
    this.#releases.push(end);
    return { reached: reached.given, release: end };
  }

  async wait(method: string, path: string): Promise<void> {
    await take(this.#waits, method, path)?.wait();
  }

  strike(request: { method: string; path: string }, when: "before" | "after"): Strike | undefined {
    const candidates = this.#strikes.filter((planned) => planned.when === when);
    return take(candidates, request.method, request.path)?.strike;
  }

  clear(): void {
    for (const release of this.#releases) release();
    this.#releases = [];
    this.#strikes = [];
    this.#waits = [];
    this.#writes = undefined;
    this.#oldEdits = undefined;
    this.deniedIntents = 0;
  }
}

const hourMs = 60 * 60 * 1000;

/** Counts a use and tells how long to wait for one when none is left; 0: it was one. */
function createBudget({ requests, perMs }: Window): () => number {
  let endsAt = 0;
  let used = 0;
  return () => {
    const now = Date.now();
    if (now >= endsAt) {
      endsAt = now + perMs;
      used = 0;
    }
    if (used >= requests) return endsAt - now;
    used += 1;
    return 0;
  };
}

function createSignal(): { readonly given: Promise<void>; readonly give: () => void } {
  const listeners: (() => void)[] = [];
  const given = new Promise<void>((resolve) => {
    listeners.push(resolve);
  });
  return { given, give: () => listeners.forEach((listener) => listener()) };
}

function take<T extends Plan>(plans: readonly T[], method: string, path: string): T | undefined {
  const found = plans.find((plan) => plan.left > 0 && plan.matches(method, path));
  if (found !== undefined) found.left -= 1;
  return found;
}

function toPlan(match: RequestMatch, defaultTimes: number): Plan {
  const segments = match.path
    .split("/")
    .map((segment) => (segment.startsWith(":") ? "[^/]+" : escape(segment)));
  const pattern = new RegExp(`^${segments.join("/")}$`);
  return {
    matches: (method, path) => method === match.method && pattern.test(path),
    left: match.times ?? defaultTimes,
  };
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
