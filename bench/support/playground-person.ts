import { WebSocket } from "ws";
import type { Playground } from "../../src/playground/playground.ts";

/** A state of a message as it reached a person's screen. */
interface SeenMessage {
  readonly channelId: string;
  readonly authorId: string;
  readonly content: string;
  /** On the clock of `performance`. */
  readonly at: number;
}

/** Someone who talks in the playground over the same sockets as everyone. */
export interface Person extends AsyncDisposable {
  readonly botUserId: string;
  /** Returns the thread's id. */
  openThread(name: string): Promise<string>;
  say(channelId: string, text: string): Promise<void>;
  /** The first message state from now on that fits. */
  nextSeen(fits: (seen: SeenMessage) => boolean, signal: AbortSignal): Promise<SeenMessage>;
}

interface Session {
  readonly apiUrl: string;
  readonly gatewayUrl: string;
  readonly botUserId: string;
  readonly channels: readonly { readonly id: string }[];
  readonly people: readonly { readonly token: string }[];
}

interface Frame {
  readonly op: number;
  readonly t: string | null;
  readonly d: { channel_id?: string; content?: string; author?: { id: string } } | null;
}

const PUBLIC_THREAD = 11;
const HELLO = 10;
const IDENTIFY = 2;
const HEARTBEAT = 1;
const HEARTBEAT_MS = 30_000;

export async function connectPerson(playground: Playground): Promise<Person> {
  const response = await fetch(new URL("/playground/session", playground.pageUrl));
  const session = (await response.json()) as Session;
  const [channel] = session.channels;
  const [self] = session.people;
  if (channel === undefined || self === undefined) throw new Error("The playground is empty");
  const watchers = new Set<(seen: SeenMessage) => void>();
  const socket = await openGateway(session.gatewayUrl, self.token, (seen) => {
    for (const watch of watchers) watch(seen);
  });
  const post = createPost(session.apiUrl, self.token);
  return {
    botUserId: session.botUserId,
    async openThread(name) {
      const body = { name, type: PUBLIC_THREAD };
      const thread = (await post(`/channels/${channel.id}/threads`, body)) as { id: string };
      return thread.id;
    },
    async say(channelId, content) {
      await post(`/channels/${channelId}/messages`, { content });
    },
    nextSeen: (fits, signal) => waitFor(watchers, fits, signal),
    [Symbol.asyncDispose]: async () => socket[Symbol.dispose](),
  };
}

function waitFor(
  watchers: Set<(seen: SeenMessage) => void>,
  fits: (seen: SeenMessage) => boolean,
  signal: AbortSignal,
): Promise<SeenMessage> {
  return new Promise((resolve, reject) => {
    const watch = (seen: SeenMessage): void => {
      if (!fits(seen)) return;
      watchers.delete(watch);
      resolve(seen);
    };
    watchers.add(watch);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

function createPost(apiUrl: string, token: string) {
  return async (path: string, body: unknown): Promise<unknown> => {
    const response = await fetch(`${apiUrl}/v10${path}`, {
      method: "POST",
      headers: { authorization: token, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`);
    return await response.json();
  };
}

/** Resolves when the server has said READY. */
function openGateway(
  url: string,
  token: string,
  onSeen: (seen: SeenMessage) => void,
): Promise<Disposable> {
  const socket = new WebSocket(`${url}?v=10&encoding=json`);
  const send = (op: number, d: unknown): void => socket.send(JSON.stringify({ op, d }));
  const beat = setInterval(() => send(HEARTBEAT, null), HEARTBEAT_MS);
  const gateway = {
    [Symbol.dispose]() {
      clearInterval(beat);
      socket.terminate();
    },
  };
  return new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.on("message", (data: Buffer) => {
      const at = performance.now();
      const { d, op, t } = JSON.parse(data.toString("utf8")) as Frame;
      if (op === HELLO) send(IDENTIFY, { token, properties: {} });
      if (t === "READY") resolve(gateway);
      if (t !== "MESSAGE_CREATE" && t !== "MESSAGE_UPDATE") return;
      const { author, channel_id: channelId = "", content = "" } = d ?? {};
      onSeen({ channelId, authorId: author?.id ?? "", content, at });
    });
  });
}
