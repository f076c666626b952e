import { connect as connectSocket } from "node:net";
import type { Socket } from "node:net";
import postgres from "postgres";
import { FamiliarError } from "../chat/errors.ts";

const CONNECT_SECONDS = 5;
const IDLE_SECONDS = 60;

/** An option that the driver's types leave out. */
const UNTYPED = { socket: openSocket };

type Options = postgres.Options<Record<string, never>>;

/**
 * A pool that connects when the first query comes.
 *
 * @throws {FamiliarError} `config-invalid` when the address makes no sense
 */
export function connect(url: string, options: Options = {}): postgres.Sql {
  try {
    if (!/^postgres(?:ql)?:$/.test(new URL(url).protocol)) throw new Error("Not a database");
    return postgres(url, {
      connect_timeout: CONNECT_SECONDS,
      idle_timeout: IDLE_SECONDS,
      fetch_types: false,
      onnotice: () => {},
      ...options,
      ...UNTYPED,
    });
  } catch {
    // The reason would quote the address, and with it the password.
    throw new FamiliarError(
      "config-invalid",
      "DATABASE_URL is no address of a PostgreSQL database: write it as postgres://user:password@host:5432/database, with special characters in the password percent-encoded.",
    );
  }
}

/** Where a client connects to, for people. */
export function addressOf({ options }: postgres.Sql): string {
  return options.path ? options.path : `${options.host[0]}:${options.port[0]}`;
}

interface Address {
  readonly host: readonly string[];
  readonly port: readonly number[];
  readonly path?: string | false;
}

/**
 * The driver's own way, but for one thing: a connection that is accepted and closed without a word,
 * as a container's port is before the server in it listens, is an error. The driver by itself would
 * try again at once, for ever.
 */
function openSocket({ host: [host = ""], path, port: [port = 0] }: Address): Socket {
  const socket = path ? connectSocket(path) : connectSocket(port, host);
  socket.once("end", () => {
    if (socket.bytesRead > 0) return;
    socket.destroy(Object.assign(new Error("Closed without a word"), { code: "ECONNRESET" }));
  });
  // The driver compares the server's certificate with it.
  return Object.assign(socket, { host });
}
