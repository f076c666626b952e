import { toPageHost } from "./session.js";

const opcode = {
  dispatch: 0,
  heartbeat: 1,
  identify: 2,
  resume: 6,
  reconnect: 7,
  invalidSession: 9,
  hello: 10,
  heartbeatAck: 11,
};
const firstDelayMs = 500;
const maxDelayMs = 8000;
// Closed with these, the session is gone: https://docs.discord.com/developers/topics/opcodes-and-status-codes
const sessionEndCodes = new Set([4003, 4004, 4007, 4009]);
const authenticationFailed = 4004;

/**
 * One person's connection: identifies, keeps the heartbeat, resumes after a loss, and begins anew where it
 * cannot resume.
 * @typedef {{
 *   onDispatch: (type: string, data: any) => void,
 *   onState: (state: "connecting" | "ready" | "lost" | "refused") => void,
 * }} GatewayListener
 */
export class Gateway {
  #url;
  #token;
  #listener;
  /** @type {WebSocket | undefined} */ #socket;
  /** @type {ReturnType<typeof setInterval> | undefined} */ #heartbeat;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #retry;
  /** @type {string | undefined} */ #resumeUrl;
  #sessionId = "";
  /** @type {number | null} */ #sequence = null;
  #isAcknowledged = true;
  #delayMs = firstDelayMs;

  /** @param {{ url: string, token: string, listener: GatewayListener }} options */
  constructor({ url, token, listener }) {
    this.#url = url;
    this.#token = token;
    this.#listener = listener;
  }

  get sessionId() {
    return this.#sessionId;
  }

  open() {
    clearTimeout(this.#retry);
    const socket = new WebSocket(`${this.#resumeUrl ?? this.#url}/?v=10&encoding=json`);
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      if (socket === this.#socket) this.#receive(JSON.parse(data));
    });
    socket.addEventListener("close", ({ code }) => {
      if (socket === this.#socket) this.#lose(code);
    });
  }

  close() {
    const socket = this.#drop();
    socket?.close(1000);
  }

  /** Tries at once instead of waiting for the next attempt: the machine woke up or came online. */
  hurry() {
    if (this.#socket === undefined && this.#retry !== undefined) this.open();
  }

  /** @param {{ op: number, t?: string, s?: number | null, d: any }} payload */
  #receive({ op, t, s, d }) {
    if (typeof s === "number") this.#sequence = s;
    if (op === opcode.hello) this.#greet(d.heartbeat_interval);
    else if (op === opcode.dispatch) this.#dispatch(t ?? "", d);
    else if (op === opcode.heartbeat) this.#beat();
    else if (op === opcode.heartbeatAck) this.#isAcknowledged = true;
    else if (op === opcode.reconnect) this.#restart();
    else if (op === opcode.invalidSession) this.#restart({ isResumable: d === true });
  }

  /** @param {number} intervalMs */
  #greet(intervalMs) {
    this.#isAcknowledged = true;
    clearInterval(this.#heartbeat);
    this.#heartbeat = setInterval(() => this.#check(), intervalMs);
    if (this.#sessionId === "") this.#identify();
    else this.#resume();
  }

  #identify() {
    const properties = { os: "Web", browser: "Playground", device: "" };
    this.#send(opcode.identify, { token: this.#token, properties, capabilities: 0 });
  }

  #resume() {
    const session = { session_id: this.#sessionId, seq: this.#sequence };
    this.#send(opcode.resume, { token: this.#token, ...session });
  }

  #check() {
    if (this.#isAcknowledged) this.#beat();
    else this.#restart();
  }

  #beat() {
    this.#isAcknowledged = false;
    this.#send(opcode.heartbeat, this.#sequence);
  }

  /** @param {string} type @param {any} data */
  #dispatch(type, data) {
    if (type === "READY") {
      this.#sessionId = data.session_id;
      if (data.resume_gateway_url) this.#resumeUrl = toPageHost(data.resume_gateway_url);
    }
    this.#listener.onDispatch(type, data);
    if (type !== "READY" && type !== "RESUMED") return;
    this.#delayMs = firstDelayMs;
    this.#listener.onState("ready");
  }

  #restart({ isResumable = true } = {}) {
    if (!isResumable) this.#forget();
    const socket = this.#drop();
    socket?.close(4000);
    this.#reconnect();
  }

  /** @param {number} code */
  #lose(code) {
    this.#drop();
    if (sessionEndCodes.has(code)) this.#forget();
    if (code === authenticationFailed) this.#listener.onState("refused");
    else this.#reconnect();
  }

  #reconnect() {
    this.#listener.onState("lost");
    const jitterMs = Math.random() * 250;
    this.#retry = setTimeout(() => this.open(), this.#delayMs + jitterMs);
    this.#delayMs = Math.min(this.#delayMs * 2, maxDelayMs);
  }

  #forget() {
    this.#sessionId = "";
    this.#sequence = null;
    this.#resumeUrl = undefined;
  }

  #drop() {
    clearInterval(this.#heartbeat);
    clearTimeout(this.#retry);
    this.#retry = undefined;
    const socket = this.#socket;
    this.#socket = undefined;
    return socket;
  }

  /** @param {number} op @param {unknown} data */
  #send(op, data) {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify({ op, d: data }));
    }
  }
}
