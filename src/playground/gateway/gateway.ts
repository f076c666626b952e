import { GatewayCloseCodes } from "discord-api-types/v10";
import type { Session } from "./gateway-session.ts";
import { randomBytes } from "node:crypto";

/** An event on its way: to whom it goes, and what each of them gets to see. */
export interface Emission {
  readonly type: string;
  /** null for what happens outside of guilds: that goes to the first shard. */
  readonly guildId: string | null;
  /** Any one of these intents lets it through; 0: no intent is needed. */
  readonly intents: number;
  readonly isFor: (userId: string) => boolean;
  readonly payload: (session: Session) => unknown;
}

export interface Gateway {
  readonly sessions: ReadonlyMap<string, Session>;
  emit(emission: Emission): void;
  findSession(sessionId: string): Session | undefined;
  sessionsOf(userId: string): readonly Session[];
  add(session: Session): void;
  remove(session: Session): void;
  /** Ends all sessions and cuts their connections. */
  close(): void;
}

export function createGateway(): Gateway {
  const sessions = new Map<string, Session>();
  return {
    sessions,
    emit(emission) {
      for (const session of sessions.values()) {
        if (!emission.isFor(session.user.id) || !session.wants(emission)) continue;
        session.dispatch(emission.type, emission.payload(session));
      }
    },
    findSession: (sessionId) => sessions.get(sessionId),
    sessionsOf: (userId) => [...sessions.values()].filter((session) => session.user.id === userId),
    add: (session) => void sessions.set(session.id, session),
    remove(session) {
      session.end();
      sessions.delete(session.id);
    },
    close() {
      for (const session of sessions.values()) {
        session.connection?.close(GatewayCloseCodes.UnknownError);
        session.end();
      }
      sessions.clear();
    },
  };
}

export function createSessionId(): string {
  return randomBytes(16).toString("hex");
}
