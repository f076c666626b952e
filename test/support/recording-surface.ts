import type { ReplySurface, ReplyView, ReplyViewRequest } from "../../src/chat/ports.ts";

/** A reply as people would see it. */
export class RecordingView implements ReplyView {
  readonly request: ReplyViewRequest;
  readonly shown: string[] = [];
  readonly finished: { readonly text: string; readonly notice: string | undefined }[] = [];
  readonly #vanish = new AbortController();
  readonly #onFinish: () => Promise<void>;

  constructor(request: ReplyViewRequest, onFinish: () => Promise<void>) {
    this.request = request;
    this.#onFinish = onFinish;
  }

  get gone(): AbortSignal {
    return this.#vanish.signal;
  }

  /** The channel, the thread, the message or the permission is no more. */
  vanish(): void {
    this.#vanish.abort(new Error("The place is gone"));
  }

  show(text: string): void {
    this.shown.push(text);
  }

  async finish(text: string, notice: string | undefined): Promise<void> {
    this.finished.push({ text, notice });
    await this.#onFinish();
  }
}

/** Opens views that record; `onFinish` runs while the platform takes the last edit. */
export class RecordingSurface implements Pick<ReplySurface, "open"> {
  readonly views: RecordingView[] = [];
  readonly #onFinish: () => Promise<void>;

  constructor(onFinish: () => Promise<void> = async () => {}) {
    this.#onFinish = onFinish;
  }

  /** The view opened last. */
  get view(): RecordingView {
    const view = this.views.at(-1);
    if (view === undefined) throw new Error("No view was opened");
    return view;
  }

  open(request: ReplyViewRequest): RecordingView {
    const view = new RecordingView(request, this.#onFinish);
    this.views.push(view);
    return view;
  }
}
