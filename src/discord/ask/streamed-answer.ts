import type { Waiting } from "../../chat/reply/notice.ts";
import type { ReplyView } from "../../chat/reply-surface.ts";
import type { PlannedMessage } from "../reply/message-layout.ts";
import { ReplyContent } from "../reply/reply-content.ts";
import type { WordedEnding } from "../reply/reply-content.ts";
import type { Schedule } from "../reply/schedule.ts";
import { decideRestFailure } from "../rest/rest-failure.ts";
import type { AnswerMessages, ShownMessage } from "./interaction-messages.ts";

/** Between two drafts. Webhooks were seen to take 5 requests in 2 s; Discord does not say. */
const DRAFT_EVERY_MS = 1_000;

const FAILURES_IN_A_ROW = 5;
const FIRST_PAUSE_MS = 500;

export interface StreamedAnswerOptions {
  readonly messages: AnswerMessages;
  readonly schedule: Schedule;
  /** One line above the text; empty where there is none. */
  readonly question: string;
  readonly toSentence: (waiting: Waiting) => string;
}

/** A message that is there, as it was last shown. */
interface Posted extends ShownMessage {
  /** Undefined for the first one. */
  readonly id: string | undefined;
}

interface Step {
  /** Posts a message. */
  readonly isNew: boolean;
  readonly run: () => Promise<void>;
}

/**
 * The growing answer to an interaction. One request is under way at a time, and it always carries
 * the newest text.
 */
export class StreamedAnswer implements Omit<ReplyView, "finish"> {
  readonly #options: StreamedAnswerOptions;
  readonly #content = new ReplyContent("", undefined);
  readonly #gone = new AbortController();
  readonly #done: Promise<void>;
  /** Discord shows that an answer will come; nothing of ours is in it yet. */
  readonly #posted: Posted[] = [{ id: undefined, content: "", canStop: false }];
  #failures = 0;
  #wake: (() => void) | undefined;

  constructor(options: StreamedAnswerOptions) {
    this.#options = options;
    this.#done = this.#run();
  }

  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  wait(waiting: Waiting | undefined): void {
    this.#content.wait(waiting === undefined ? undefined : this.#options.toSentence(waiting));
    this.#wake?.();
  }

  show(text: string): void {
    this.#content.show(text.trim() === "" ? "" : this.#lead(text) + text.trimStart());
    this.#wake?.();
  }

  measure(text: string, messages: number): number {
    const said = text.trimStart();
    const lead = this.#lead(text);
    const end = this.#content.measure(lead + said, messages) - lead.length;
    return Math.max(0, end) + text.length - said.length;
  }

  /** Resolves when Discord has taken it, or never will. */
  async end(ending: WordedEnding): Promise<void> {
    const text = this.#lead(ending.text) + ending.text.trimStart();
    this.#content.end({ ...ending, text });
    this.#wake?.();
    await this.#done;
  }

  /** What stands above the text. A quotation that the text begins with stays one of its own. */
  #lead(text: string): string {
    const { question } = this.#options;
    if (question === "") return "";
    return text.trimStart().startsWith(">") ? `${question}\n\n` : `${question}\n`;
  }

  /** Shows nothing more. */
  abandon(): void {
    this.#gone.abort();
    this.#wake?.();
  }

  async #run(): Promise<void> {
    while (!this.#gone.signal.aborted) {
      const step = this.#nextStep();
      if (step === undefined && this.#content.hasEnded) return;
      if (step === undefined) await this.#untilNews();
      else await this.#take(step);
    }
  }

  /** The request that is due; text goes before buttons, and new messages before old ones' buttons. */
  #nextStep(): Step | undefined {
    const plan = this.#content.plan();
    const stale = plan.findIndex(({ content }, at) => this.#posted[at]?.content !== content);
    if (stale >= 0) return this.#show(plan, stale);
    const last = this.#posted.at(-1);
    if (this.#content.hasEnded && this.#posted.length > plan.length && last?.id !== undefined) {
      return this.#remove(last.id);
    }
    const other = plan.findIndex((_, at) => this.#posted[at]?.canStop !== this.#canStop(plan, at));
    return other < 0 ? undefined : this.#show(plan, other);
  }

  #canStop(plan: readonly PlannedMessage[], at: number): boolean {
    return !this.#content.hasEnded && at === plan.length - 1;
  }

  #show(plan: readonly PlannedMessage[], at: number): Step {
    const { messages } = this.#options;
    const shown = { content: plan[at]?.content ?? "", canStop: this.#canStop(plan, at) };
    const posted = this.#posted[at];
    const create = async (): Promise<void> => {
      this.#posted.push({ ...shown, id: await messages.create(shown) });
    };
    if (posted === undefined) return { isNew: true, run: create };
    const edit = async (): Promise<void> => {
      await messages.edit(posted.id, shown);
      this.#posted[at] = { ...shown, id: posted.id };
    };
    return { isNew: false, run: edit };
  }

  #remove(id: string): Step {
    const remove = async (): Promise<void> => {
      await this.#options.messages.remove(id);
      this.#posted.pop();
    };
    return { isNew: false, run: remove };
  }

  async #take({ isNew, run }: Step): Promise<void> {
    try {
      await run();
      this.#failures = 0;
      if (!this.#content.hasEnded) await this.#pauseOrEnd(DRAFT_EVERY_MS);
    } catch (error) {
      this.#failures += 1;
      const { kind } = decideRestFailure(error);
      const isOver = kind === "gone" || kind === "refused" || this.#failures > FAILURES_IN_A_ROW;
      // A message that may be there already is not posted twice.
      if (isOver || (kind === "unknown-outcome" && isNew)) this.#gone.abort();
      else await this.#pause(FIRST_PAUSE_MS * 2 ** this.#failures);
    }
  }

  async #untilNews(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
  }

  #pause(durationMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#options.schedule(durationMs, resolve);
    });
  }

  /** The end does not wait for the pause after a draft. */
  async #pauseOrEnd(durationMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#options.schedule(durationMs, resolve);
      this.#wake = () => {
        if (!this.#content.hasEnded && !this.#gone.signal.aborted) return;
        cancel();
        resolve();
      };
    });
    this.#wake = undefined;
  }
}
