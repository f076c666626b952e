import type { Waiting } from "../../src/chat/reply/notice.ts";
import type {
  ReplySurface,
  ReplyView,
  ReplyViewRequest,
  ShownEnding,
} from "../../src/chat/reply-surface.ts";

type OnFinish = () => Promise<void>;

/** A reply as people would see it. */
export class RecordingView implements ReplyView {
  readonly request: ReplyViewRequest;
  /** What stood in the place of the text. */
  readonly waits: (Waiting | undefined)[] = [];
  readonly shown: string[] = [];
  readonly finished: ShownEnding[] = [];
  readonly #vanish = new AbortController();
  readonly #onFinish: OnFinish;
  readonly #messageLength: number;

  constructor(request: ReplyViewRequest, onFinish: OnFinish, messageLength: number) {
    this.request = request;
    this.#onFinish = onFinish;
    this.#messageLength = messageLength;
  }

  get gone(): AbortSignal {
    return this.#vanish.signal;
  }

  /** The channel, the thread, the message or the permission is no more. */
  vanish(): void {
    this.#vanish.abort(new Error("The place is gone"));
  }

  wait(waiting: Waiting | undefined): void {
    this.waits.push(waiting);
  }

  show(text: string): void {
    this.shown.push(text);
  }

  measure(text: string, messages: number): number {
    return Math.min(text.length, messages * this.#messageLength);
  }

  async finish(ending: ShownEnding): Promise<void> {
    this.finished.push(ending);
    await this.#onFinish();
  }
}

/**
 * Opens views that record; `onFinish` runs while the platform takes the last edit. A message holds
 * `messageLength` characters, whatever they are.
 */
export class RecordingSurface implements Pick<ReplySurface, "open" | "clearWaiting"> {
  readonly views: RecordingView[] = [];
  readonly #onFinish: OnFinish;
  readonly #messageLength: number;

  constructor(onFinish: OnFinish = async () => {}, messageLength = Number.POSITIVE_INFINITY) {
    this.#onFinish = onFinish;
    this.#messageLength = messageLength;
  }

  /** The view opened last. */
  get view(): RecordingView {
    const view = this.views.at(-1);
    if (view === undefined) throw new Error("No view was opened");
    return view;
  }

  open(request: ReplyViewRequest): RecordingView {
    const view = new RecordingView(request, this.#onFinish, this.#messageLength);
    this.views.push(view);
    return view;
  }

  clearWaiting(): Promise<void> {
    return Promise.resolve();
  }
}
