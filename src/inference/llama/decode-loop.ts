import { planStep } from "./plan-step.ts";
import type { StepSettings } from "./plan-step.ts";

/** A reply as the loop sees it. Each step it either reads some of its prompt or writes one token. */
export interface Stepped {
  /** Prompt tokens that are left to read before it can write. */
  readonly unreadTokens: number;
  read(tokens: number): Promise<void>;
  /** Resolves to true when the reply has ended. */
  write(): Promise<boolean>;
  /** Called once, in the step after which it takes part no more. */
  leave(): Promise<void>;
  readonly signal: AbortSignal;
}

interface Member {
  readonly reply: Stepped;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Advances all replies together, one decode a step. Between two steps nothing is being decoded:
 * that is when replies come and go, and when caches are changed, saved and restored.
 *
 * node-llama-cpp would advance each sequence by itself as soon as its last token was sampled: then
 * streams miss each other's batch, and a change of one cache waits until all others are silent.
 */
export class DecodeLoop {
  readonly #settings: StepSettings;
  readonly #members = new Set<Member>();
  readonly #jobs: (() => Promise<void>)[] = [];
  #isRunning = false;

  constructor(settings: StepSettings) {
    this.#settings = settings;
  }

  /**
   * Resolves when the reply has ended.
   *
   * @throws what `read` or `write` rejects with
   * @throws the signal's reason, at the end of the step in which it is aborted
   */
  run(reply: Stepped): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#members.add({ reply, resolve, reject });
      this.#start();
    });
  }

  /** Runs `job` when nothing is being decoded; no step begins before it has settled. */
  between<Result>(job: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#jobs.push(() => job().then(resolve, reject));
      this.#start();
    });
  }

  #start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    void this.#loop();
  }

  /** Never rejects: every failure is its member's or its job's. */
  async #loop(): Promise<void> {
    // Replies that are asked for at the same time begin in the same step.
    await Promise.resolve();
    while (this.#jobs.length > 0 || this.#members.size > 0) {
      for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) await job();
      await this.#step();
    }
    this.#isRunning = false;
  }

  async #step(): Promise<void> {
    for (const member of this.#members) {
      const { signal } = member.reply;
      if (signal.aborted) await this.#leave(member, () => member.reject(signal.reason));
    }
    const members = [...this.#members];
    const shares = planStep(
      members.map(({ reply }) => reply.unreadTokens),
      this.#settings,
    );
    // All of them queue their tokens before the library looks at its queue.
    await Promise.all(members.map((member, index) => this.#advance(member, shares[index] ?? 0)));
  }

  async #advance(member: Member, share: number): Promise<void> {
    const { reply } = member;
    try {
      if (share > 0) await reply.read(share);
      else if (reply.unreadTokens === 0 && (await reply.write()))
        await this.#leave(member, member.resolve);
    } catch (error) {
      await this.#leave(member, () => member.reject(error));
    }
  }

  async #leave(member: Member, settle: () => void): Promise<void> {
    this.#members.delete(member);
    await member.reply.leave().catch(() => undefined);
    settle();
  }
}
