import { WebSocket } from "ws";

export interface Frame {
  readonly op: number;
  readonly t: string | null;
  readonly s: number | null;
  // Frames of every kind come through here.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly d: any;
}

/** A bare gateway connection: for what a well-behaved client never does. */
export class RawGateway implements AsyncDisposable {
  readonly frames: Frame[] = [];
  readonly #socket: WebSocket;
  readonly #waiting: ((frame: Frame) => void)[] = [];
  /** The close code. */
  readonly closed: Promise<number>;

  constructor(url: string, headers: Record<string, string> = {}, version = 10) {
    this.#socket = new WebSocket(`${url}?v=${version}&encoding=json`, { headers });
    this.#socket.on("error", () => {});
    this.#socket.on("message", (data) => {
      // oxlint-disable-next-line typescript/no-base-to-string -- ws hands text over as a Buffer
      const frame = JSON.parse(data.toString()) as Frame;
      this.frames.push(frame);
      for (const look of this.#waiting) look(frame);
    });
    this.closed = new Promise((resolve) => {
      this.#socket.on("close", resolve);
    });
  }

  send(op: number, d: unknown): void {
    this.#socket.send(JSON.stringify({ op, d }));
  }

  sendText(text: string): void {
    this.#socket.send(text);
  }

  /** The first frame that fits, past ones included. */
  next(fits: (frame: Frame) => boolean): Promise<Frame> {
    const past = this.frames.find(fits);
    if (past !== undefined) return Promise.resolve(past);
    return new Promise((resolve) => {
      this.#waiting.push((frame) => {
        if (fits(frame)) resolve(frame);
      });
    });
  }

  event(type: string): Promise<Frame> {
    return this.next((frame) => frame.t === type);
  }

  /** Says who it is once the server said hello; resolves with READY. */
  async identify(token: string, intents?: number): Promise<Frame> {
    await this.next((frame) => frame.op === 10);
    this.send(2, { token, properties: {}, ...(intents === undefined ? {} : { intents }) });
    return this.event("READY");
  }

  close(code: number): Promise<number> {
    this.#socket.close(code);
    return this.closed;
  }

  cut(): void {
    this.#socket.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.terminate();
  }
}
