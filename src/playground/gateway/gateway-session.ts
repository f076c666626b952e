import { GatewayIntentBits, GatewayOpcodes } from "discord-api-types/v10";
import type { UserRecord } from "../world/records.ts";

/** What a session needs of its connection. */
export interface Connection {
  send(payload: unknown): void;
  close(code: number): void;
  /** Ends the socket without a close frame, as a broken network does. */
  cut(): void;
}

interface SessionOptions {
  readonly id: string;
  readonly user: UserRecord;
  readonly intents: number;
  readonly shard: readonly [number, number] | undefined;
}

interface Frame {
  readonly op: number;
  readonly t: string;
  readonly s: number;
  readonly d: unknown;
}

const replayLimit = 1000;

/** One identified client: it outlives its connection for a while and keeps what was missed. */
export class Session {
  readonly id: string;
  readonly user: UserRecord;
  readonly intents: number;
  readonly shard: readonly [number, number] | undefined;
  connection: Connection | undefined;
  #sequence = 0;
  #recent: Frame[] = [];
  #expiry: NodeJS.Timeout | undefined;

  constructor(options: SessionOptions) {
    this.id = options.id;
    this.user = options.user;
    this.intents = options.intents;
    this.shard = options.shard;
  }

  get sequence(): number {
    return this.#sequence;
  }

  /** People get their messages whole; a bot needs the privileged intent. */
  get readsContent(): boolean {
    return !this.user.bot || (this.intents & GatewayIntentBits.MessageContent) !== 0;
  }

  get userId(): string {
    return this.user.id;
  }

  wants(event: { readonly intents: number; readonly guildId: string | null }): boolean {
    const subscribed = event.intents === 0 || (this.intents & event.intents) !== 0;
    return subscribed && this.#isOfShard(event.guildId);
  }

  dispatch(type: string, data: unknown): void {
    this.#sequence += 1;
    const frame = { op: GatewayOpcodes.Dispatch, t: type, s: this.#sequence, d: data };
    this.#recent.push(frame);
    if (this.#recent.length > replayLimit) this.#recent.shift();
    this.connection?.send(frame);
  }

  /** False when events after `sequence` are no longer kept, or were never sent. */
  canReplay(sequence: number): boolean {
    if (sequence > this.#sequence) return false;
    const oldest = this.#recent[0]?.s ?? this.#sequence + 1;
    return sequence + 1 >= oldest;
  }

  resume(connection: Connection, sequence: number): void {
    this.attach(connection);
    for (const frame of this.#recent) if (frame.s > sequence) connection.send(frame);
  }

  attach(connection: Connection): void {
    clearTimeout(this.#expiry);
    this.connection = connection;
  }

  /** Without a connection it waits `resumeWindowMs` for the client to come back. */
  detach(resumeWindowMs: number, onExpired: () => void): void {
    this.connection = undefined;
    clearTimeout(this.#expiry);
    this.#expiry = setTimeout(onExpired, resumeWindowMs);
    this.#expiry.unref();
  }

  /** topics/gateway, "sharding". */
  #isOfShard(guildId: string | null): boolean {
    if (this.shard === undefined) return true;
    const [index, count] = this.shard;
    return index === (guildId === null ? 0 : Number((BigInt(guildId) >> 22n) % BigInt(count)));
  }

  end(): void {
    clearTimeout(this.#expiry);
    this.connection = undefined;
  }
}
