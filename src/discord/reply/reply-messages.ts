import type { Waiting } from "../../chat/reply/notice.ts";
import type { ReplyView, ShownEnding } from "../../chat/reply-surface.ts";
import { decideRestFailure, type RestFailure } from "../rest/rest-failure.ts";
import { thoughtsHeading, toNoticeText, toWaitingText } from "../texts/notices.ts";
import type { LanguageOf } from "../texts/place-languages.ts";
import type { Text } from "../texts/text.ts";
import type { ChannelPace } from "./channel-pace.ts";
import type { PlannedMessage } from "./message-layout.ts";
import { PostedMessages, type PostingResources, type PostingTarget } from "./posted-messages.ts";
import type { Urgency } from "./rate-bucket.ts";
import { ReplyContent } from "./reply-content.ts";
import type { Schedule } from "./schedule.ts";

/** What all replies of a surface share. */
export interface ReplyResources extends PostingResources {
  readonly pace: ChannelPace;
  readonly schedule: Schedule;
  readonly languageOf: LanguageOf;
}

interface ReplyTarget extends PostingTarget {
  /** The text that the messages show already, of a reply that is written otherwise. */
  readonly rewrites: string | undefined;
  /** Called before the first message, which waits for it, and when nothing is shown any more. */
  readonly stopTyping: () => Promise<void>;
}

type MessageStep =
  | { readonly kind: "create"; readonly message: PlannedMessage }
  | { readonly kind: "edit"; readonly message: PlannedMessage; readonly index: number };

type Step = MessageStep | { readonly kind: "remove" };

const RUNNING = { kind: "running" } as const;

/** What a reply that is still running waits for. */
interface DraftTurn {
  /** Else for a sentence in the text's place, which the text does not wait for. */
  readonly isForText: boolean;
  readonly abort: () => void;
}

const FAILURES_IN_A_ROW = 8;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
const LIMITED_PAUSE_MS = 5000;
/** More edits of an old message than Discord allows in an hour. */
const TOO_MANY_EDITS = 30_046;

/**
 * The messages of one reply. One request is under way at a time, and it always carries the newest
 * text; texts that came in between are never sent.
 */
export class ReplyMessages implements ReplyView {
  readonly #resources: ReplyResources;
  readonly #target: ReplyTarget;
  readonly #gone = new AbortController();
  readonly #content: ReplyContent;
  readonly #posted: PostedMessages;
  readonly #done: Promise<void>;
  #failures = 0;
  #savesEdits = false;
  #wake: (() => void) | undefined;
  #wakeToEnd: (() => void) | undefined;
  #draftTurn: DraftTurn | undefined;

  constructor(resources: ReplyResources, target: ReplyTarget) {
    this.#resources = resources;
    this.#target = target;
    const running = target.saveControls === undefined ? undefined : RUNNING;
    this.#content = new ReplyContent(target.rewrites ?? "", running);
    this.#posted = new PostedMessages(resources, target);
    this.#done = this.#run();
    // Whoever calls `finish` is told; until then nobody listens.
    this.#done.catch(() => undefined);
  }

  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  wait(waiting: Waiting | undefined): void {
    if (this.#content.hasEnded) return;
    this.#content.wait(waiting === undefined ? undefined : this.#word(toWaitingText(waiting)));
    this.#wake?.();
  }

  show(text: string): void {
    if (this.#content.hasEnded) return;
    this.#content.show(text);
    if (this.#draftTurn?.isForText === false && text.trim() !== "") this.#draftTurn.abort();
    this.#wake?.();
  }

  measure(text: string, messages: number): number {
    return this.#content.measure(text, messages);
  }

  finish(ending: ShownEnding): Promise<void> {
    if (this.#content.hasEnded) return this.#done;
    const notice = ending.notice && toNoticeText(ending.notice, this.#hasContinue(ending));
    const heading = this.#word(thoughtsHeading);
    this.#content.end({ ...ending, notice: notice && this.#word(notice), heading });
    this.#draftTurn?.abort();
    this.#wake?.();
    this.#wakeToEnd?.();
    return this.#done;
  }

  #hasContinue({ controls }: ShownEnding): boolean {
    return this.#posted.hasControls && controls?.kind === "ended" && controls.canContinue;
  }

  #word(text: Text): string {
    return text[this.#resources.languageOf(this.#target.place)];
  }

  async #run(): Promise<void> {
    while (!this.#gone.signal.aborted) {
      const step = this.#nextStep();
      if (step !== undefined) await this.#take(step);
      else if (!this.#content.hasEnded) await this.#untilNews();
      else break;
    }
    await this.#target.stopTyping();
    await this.#posted.settle();
  }

  #nextStep(): Step | undefined {
    const plan = this.#content.plan();
    const { hasEnded } = this.#content;
    for (const [index, message] of plan.entries()) this.#posted.keepPart(index, message);
    const index = this.#findStale(plan);
    const message = plan[index];
    if (message === undefined) {
      // What a rewritten reply showed before goes as soon as there is anything else to show.
      const isSettled = hasEnded || (this.#target.rewrites !== undefined && plan.length > 0);
      const hasTooMany = isSettled && this.#posted.possibleCount > plan.length;
      return hasTooMany ? { kind: "remove" } : undefined;
    }
    if (index >= this.#posted.count) return { kind: "create", message };
    return this.#savesEdits && !hasEnded ? undefined : { kind: "edit", message, index };
  }

  /** Texts first: of the controls, only those of the last message are ours to set. */
  #findStale(plan: readonly PlannedMessage[]): number {
    const stale = plan.findIndex(({ content }, at) => this.#posted.contentAt(at) !== content);
    const last = plan.at(-1);
    if (stale >= 0 || last === undefined) return stale;
    return this.#posted.hasControlsOf(plan.length - 1, last) ? -1 : plan.length - 1;
  }

  async #take(step: Step): Promise<void> {
    const preparing = step.kind === "remove" ? undefined : this.#posted.prepare(step);
    if (preparing !== undefined) {
      // What is to be done may have changed meanwhile.
      await preparing;
      return;
    }
    if (step.kind === "create" && this.#posted.count === 0) await this.#target.stopTyping();
    const failure = await this.#takeTurn(step);
    if (failure === undefined) this.#failures = 0;
    else if (failure !== "superseded") await this.#mend(step, failure);
  }

  async #mend({ kind }: Step, failure: RestFailure): Promise<void> {
    if (kind !== "remove" && this.#posted.findsAnotherWay(kind, failure)) return;
    await this.#recover(failure);
  }

  /** What is sent is decided only when it may be sent. */
  async #takeTurn(planned: Step): Promise<RestFailure | "superseded" | undefined> {
    const { kind } = planned;
    using _turn = kind === "remove" ? undefined : await this.#waitForTurn(planned);
    const step = this.#nextStep();
    if (step?.kind !== kind || (kind !== "remove" && _turn === undefined)) return "superseded";
    try {
      await this.#perform(step);
      return undefined;
    } catch (error) {
      return decideRestFailure(error);
    }
  }

  /** Undefined when the text has begun or the reply has ended meanwhile, which makes it urgent. */
  async #waitForTurn(step: MessageStep): Promise<Disposable | undefined> {
    const controller = new AbortController();
    const isForText = step.message.part !== undefined;
    if (!this.#content.hasEnded) this.#draftTurn = { isForText, abort: () => controller.abort() };
    const urgency = this.#urgencyOf(step);
    const method = step.kind === "create" ? "POST" : "PATCH";
    const request = { method, limitedBy: this.#posted.limitedBy(step), urgency } as const;
    try {
      return await this.#resources.pace.take(request, controller.signal);
    } catch (error) {
      if (controller.signal.aborted) return undefined;
      throw error;
    } finally {
      this.#draftTurn = undefined;
    }
  }

  #urgencyOf({ kind, message }: MessageStep): Urgency {
    if (this.#content.hasEnded) return "final";
    const beginsText = message.part !== undefined && !this.#posted.showsText;
    return kind === "create" || beginsText ? "next" : "draft";
  }

  async #perform(step: Step): Promise<void> {
    switch (step.kind) {
      case "create":
        await this.#posted.create(step.message);
        break;
      case "edit":
        await this.#posted.edit(step.index, step.message);
        break;
      case "remove":
        await this.#posted.removeLast();
        break;
      default:
        step satisfies never;
    }
  }

  async #recover(failure: RestFailure): Promise<void> {
    this.#failures += 1;
    if (failure.kind === "refused" && this.#posted.hasControls) {
      this.#resources.log.warn({ ...failure }, "Discord does not take buttons here.");
      this.#posted.refuseControls();
      return;
    }
    const isHopeless = failure.kind === "gone" || failure.kind === "refused";
    if (isHopeless || this.#failures > FAILURES_IN_A_ROW) {
      this.#vanish(failure);
      return;
    }
    if (failure.code === TOO_MANY_EDITS) this.#savesEdits = true;
    if (failure.kind === "archived") await this.#unarchive();
    else if (failure.kind === "limited")
      await this.#pause(failure.retryAfterMs ?? LIMITED_PAUSE_MS);
    else await this.#pauseOrEnd(FIRST_PAUSE_MS * 2 ** (this.#failures - 1));
  }

  async #unarchive(): Promise<void> {
    try {
      await this.#resources.requests.unarchive(this.#target.place.id);
    } catch (error) {
      await this.#recover(decideRestFailure(error));
    }
  }

  #vanish(failure: RestFailure): void {
    const { log } = this.#resources;
    const facts = { channelId: this.#target.place.id, ...failure };
    if (failure.kind === "gone") log.info(facts, "The place of a reply is gone.");
    else log.warn(facts, "Discord does not take a reply.");
    this.#gone.abort();
  }

  async #untilNews(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
  }

  async #pause(durationMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#resources.schedule(durationMs, resolve);
    });
  }

  /** The end of the reply does not wait for a pause that was made for a draft. */
  async #pauseOrEnd(durationMs: number): Promise<void> {
    const pause = this.#pause(Math.min(LONGEST_PAUSE_MS, durationMs));
    const end = new Promise<void>((resolve) => {
      if (!this.#content.hasEnded) this.#wakeToEnd = resolve;
    });
    await Promise.race([pause, end]);
    this.#wakeToEnd = undefined;
  }
}
