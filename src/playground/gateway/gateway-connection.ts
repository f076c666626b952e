import {
  GatewayCloseCodes,
  GatewayDispatchEvents,
  GatewayIntentBits,
  GatewayOpcodes,
} from "discord-api-types/v10";
import type { WebSocket } from "ws";
import { z } from "zod";
import type { Backend } from "../backend.ts";
import { createSessionId } from "./gateway.ts";
import { sendReady } from "./gateway-ready.ts";
import { type Connection, Session } from "./gateway-session.ts";
import { sendMembers } from "./gateway-members.ts";
import { createWindowCounter } from "../rest/rate-limits.ts";

const frameSchema = z.object({
  op: z.custom<GatewayOpcodes>(Number.isInteger),
  d: z.unknown().optional(),
});

const identifySchema = z.object({
  token: z.string(),
  intents: z.number().int().nonnegative().optional(),
  shard: z.tuple([z.number().int(), z.number().int()]).nullish(),
});

const resumeSchema = z.object({
  token: z.string(),
  session_id: z.string(),
  seq: z.number().int().nonnegative(),
});

const allIntents = Object.values(GatewayIntentBits)
  .filter((bit) => typeof bit === "number")
  .reduce((all, bit) => all | bit, 0);

/** A client that sends more than this in one frame is closed: topics/gateway, "sending events". */
const maxFrameBytes = 4096;

/** One client's socket, from hello to close. */
export class GatewayConnection implements Connection {
  readonly #backend: Backend;
  readonly #socket: WebSocket;
  readonly #mayStillSend: () => boolean;
  #session: Session | undefined;
  #heartbeatTimer: NodeJS.Timeout | undefined;

  constructor(backend: Backend, socket: WebSocket) {
    this.#backend = backend;
    this.#socket = socket;
    this.#mayStillSend = createWindowCounter(backend.limits.gatewaySends);
    // oxlint-disable-next-line typescript/no-base-to-string -- ws hands frames over as Buffers
    socket.on("message", (data, isBinary) => this.#receive(data.toString(), isBinary));
    socket.on("close", (code) => this.#closed(code));
    // The close event follows every error and does the work.
    socket.on("error", () => {});
    this.#expectHeartbeat();
    this.send({
      op: GatewayOpcodes.Hello,
      s: null,
      t: null,
      d: { heartbeat_interval: backend.limits.heartbeatIntervalMs, _trace: [] },
    });
  }

  get session(): Session | undefined {
    return this.#session;
  }

  send(payload: unknown): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(payload));
  }

  close(code: number): void {
    this.#socket.close(code, GatewayCloseCodes[code] ?? "");
  }

  cut(): void {
    this.#socket.terminate();
  }

  /** Op 9. A session that cannot be resumed is gone at once. */
  invalidate(resumable: boolean): void {
    if (!resumable && this.#session !== undefined) {
      this.#backend.gateway.remove(this.#session);
      this.#session = undefined;
    }
    this.send({ op: GatewayOpcodes.InvalidSession, s: null, t: null, d: resumable });
  }

  requestReconnect(): void {
    this.send({ op: GatewayOpcodes.Reconnect, s: null, t: null, d: null });
  }

  #receive(text: string, isBinary: boolean): void {
    if (!this.#mayStillSend()) return this.close(GatewayCloseCodes.RateLimited);
    if (isBinary || Buffer.byteLength(text) > maxFrameBytes)
      return this.close(GatewayCloseCodes.DecodeError);
    const frame = frameSchema.safeParse(parseJson(text));
    if (!frame.success) return this.close(GatewayCloseCodes.DecodeError);
    return this.#obey(frame.data.op, frame.data.d);
  }

  #obey(op: GatewayOpcodes, data: unknown): void {
    if (op === GatewayOpcodes.Heartbeat) return this.#acknowledge();
    if (op === GatewayOpcodes.Identify) return this.#identify(data);
    if (op === GatewayOpcodes.Resume) return this.#resume(data);
    if (!acceptedOpcodes.has(op)) return this.close(GatewayCloseCodes.UnknownOpcode);
    if (this.#session === undefined) return this.close(GatewayCloseCodes.NotAuthenticated);
    if (op === GatewayOpcodes.RequestGuildMembers) sendMembers(this.#backend, this.#session, data);
    return undefined;
  }

  #acknowledge(): void {
    this.#expectHeartbeat();
    this.send({ op: GatewayOpcodes.HeartbeatAck, s: null, t: null, d: null });
  }

  #expectHeartbeat(): void {
    clearTimeout(this.#heartbeatTimer);
    const patienceMs = this.#backend.limits.heartbeatIntervalMs * 1.5;
    this.#heartbeatTimer = setTimeout(() => this.#dropZombie(), patienceMs);
    this.#heartbeatTimer.unref();
  }

  /** A client that fell silent may never answer the close either. */
  #dropZombie(): void {
    this.close(GatewayCloseCodes.SessionTimedOut);
  }

  #identify(data: unknown): void {
    if (this.#session !== undefined) return this.close(GatewayCloseCodes.AlreadyAuthenticated);
    const identify = identifySchema.safeParse(data);
    if (!identify.success) return this.close(GatewayCloseCodes.DecodeError);
    const user = this.#findUser(identify.data.token);
    if (user === undefined) return this.close(GatewayCloseCodes.AuthenticationFailed);
    const shard = identify.data.shard ?? undefined;
    const intents = identify.data.intents ?? (user.bot ? noIntents : allIntents);
    const refusal = findRefusal(intents, shard, user.bot ? this.#backend.faults.deniedIntents : 0);
    if (refusal !== undefined) return this.close(refusal);
    return this.#open(new Session({ id: createSessionId(), user, intents, shard }));
  }

  #open(session: Session): void {
    this.#session = session;
    session.attach(this);
    this.#backend.gateway.add(session);
    sendReady(this.#backend, session);
  }

  #resume(data: unknown): void {
    if (this.#session !== undefined) return this.close(GatewayCloseCodes.AlreadyAuthenticated);
    const resume = resumeSchema.safeParse(data);
    if (!resume.success) return this.close(GatewayCloseCodes.DecodeError);
    const { token, session_id: sessionId, seq } = resume.data;
    const user = this.#findUser(token);
    if (user === undefined) return this.close(GatewayCloseCodes.AuthenticationFailed);
    const session = this.#backend.gateway.findSession(sessionId);
    if (session === undefined || session.user.id !== user.id) return this.invalidate(false);
    if (seq > session.sequence) return this.close(GatewayCloseCodes.InvalidSeq);
    if (!session.canReplay(seq)) {
      this.#backend.gateway.remove(session);
      return this.invalidate(false);
    }
    session.connection?.close(GatewayCloseCodes.UnknownError);
    this.#session = session;
    session.resume(this, seq);
    return session.dispatch(GatewayDispatchEvents.Resumed, { _trace: [] });
  }

  #findUser(token: string) {
    return this.#backend.world.findUserByToken(token.replace(/^Bot /, ""));
  }

  /** 1000 and 1001 from the client end the session; after anything else it can be resumed. */
  #closed(code: number): void {
    clearTimeout(this.#heartbeatTimer);
    const session = this.#session;
    if (session === undefined || session.connection !== this) return;
    const { gateway, limits } = this.#backend;
    if (code === 1000 || code === 1001) return gateway.remove(session);
    session.detach(limits.resumeWindowMs, () => gateway.remove(session));
  }
}

/** Fits no known set: bots have to say what they want. */
const noIntents = -1;

function findRefusal(
  intents: number,
  shard: readonly [number, number] | undefined,
  denied: number,
): GatewayCloseCodes | undefined {
  if (shard !== undefined && (shard[0] < 0 || shard[0] >= shard[1]))
    return GatewayCloseCodes.InvalidShard;
  if ((intents & ~allIntents) !== 0) return GatewayCloseCodes.InvalidIntents;
  return (intents & denied) === 0 ? undefined : GatewayCloseCodes.DisallowedIntents;
}

const acceptedOpcodes: ReadonlySet<GatewayOpcodes> = new Set([
  GatewayOpcodes.PresenceUpdate,
  GatewayOpcodes.VoiceStateUpdate,
  GatewayOpcodes.RequestGuildMembers,
  GatewayOpcodes.RequestSoundboardSounds,
]);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
