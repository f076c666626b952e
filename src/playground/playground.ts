import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Duplex } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import { GatewayCloseCodes } from "discord-api-types/v10";
import { WebSocketServer } from "ws";
import { createApp } from "./app.ts";
import { createAttachmentStore } from "./world/attachments.ts";
import type { Backend } from "./backend.ts";
import { FaultPlan, type Faults } from "./faults.ts";
import { createGateway } from "./gateway/gateway.ts";
import { GatewayConnection } from "./gateway/gateway-connection.ts";
import { Interactions } from "./interactions/interactions.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import { isForeign } from "./rest/origin-guard.ts";
import { RateLimits } from "./rest/rate-limits.ts";
import { seedWorld } from "./world/seed.ts";
import { startArchiver } from "./world/thread-archiver.ts";
import { World } from "./world/world.ts";

export interface PlaygroundOptions {
  /** 0: any free one. */
  readonly port: number;
  /** Where the world is kept; undefined: in memory only. */
  readonly dataDir: string | undefined;
  /** A second guild, where the bot is no member. Default false. */
  readonly hasElsewhere?: boolean;
  readonly limits?: Partial<Limits>;
  /** Milliseconds since 1970. Default: the machine's clock. */
  readonly now?: () => number;
  readonly log?: (line: string) => void;
}

/** A local server that speaks Discord's API. Disposing it ends every connection and saves the world. */
export interface Playground extends AsyncDisposable {
  /** Without the version: `http://127.0.0.1:4600/api`. */
  readonly apiUrl: string;
  readonly pageUrl: string;
  /** Without the prefix "Bot ". */
  readonly botToken: string;
  readonly faults: Faults;
}

/** Throws when the port is taken or the folder cannot be written. */
export async function startPlayground(options: PlaygroundOptions): Promise<Playground> {
  const server = createServer();
  const port = await listen(server, options.port);
  const log = options.log ?? (() => {});
  const onFault = (error: unknown): void => log(`playground: ${describe(error)}`);
  try {
    const world = await World.open({
      folder: options.dataDir,
      now: options.now ?? Date.now,
      onFault,
    });
    world.origin = `http://127.0.0.1:${port}`;
    seedWorld(world, options);
    return serve(server, createBackend(world, options), onFault);
  } catch (error) {
    server.close();
    throw error;
  }
}

function createBackend(world: World, options: PlaygroundOptions): Backend {
  const limits = { ...defaultLimits, ...options.limits };
  return {
    world,
    limits,
    gateway: createGateway(),
    interactions: new Interactions(limits),
    attachments: createAttachmentStore(options.dataDir),
    faults: new FaultPlan(),
  };
}

function serve(server: Server, backend: Backend, onFault: (error: unknown) => void): Playground {
  const { world, limits } = backend;
  const rateLimits = new RateLimits(limits, world.now);
  const app = createApp({ backend, rateLimits, onFault });
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  server.on("request", (request, response) => void listener(request, response).catch(onFault));
  const connections = acceptGateways(server, backend);
  const archiver = startArchiver(backend);
  return {
    apiUrl: `${world.origin}/api`,
    pageUrl: `${world.origin}/`,
    botToken: world.user(world.application.botUserId).token,
    faults: createFaults(backend, connections),
    async [Symbol.asyncDispose]() {
      archiver[Symbol.dispose]();
      backend.faults.clear();
      backend.interactions.close();
      for (const connection of connections) connection.cut();
      backend.gateway.close();
      await close(server);
      await world[Symbol.asyncDispose]();
    },
  };
}

function acceptGateways(server: Server, backend: Backend): ReadonlySet<GatewayConnection> {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1024 * 1024 });
  const connections = new Set<GatewayConnection>();
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://127.0.0.1");
    const header = (name: string): string | undefined => [request.headers[name]].flat()[0];
    if (!pathname.startsWith("/gateway") || isForeign({ header })) {
      socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n");
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const version = searchParams.get("v") ?? "10";
      if (version !== "10") return webSocket.close(GatewayCloseCodes.InvalidAPIVersion);
      const connection = new GatewayConnection(backend, webSocket);
      connections.add(connection);
      return webSocket.on("close", () => connections.delete(connection));
    });
  });
  return connections;
}

function createFaults(backend: Backend, connections: ReadonlySet<GatewayConnection>): Faults {
  const plan = backend.faults;
  return {
    dropGateways(code) {
      for (const connection of connections) {
        if (code === undefined) connection.cut();
        else connection.close(code);
      }
    },
    invalidateSessions({ resumable }) {
      for (const connection of connections) connection.invalidate(resumable);
    },
    requestReconnect() {
      for (const connection of connections) connection.requestReconnect();
    },
    denyIntents(intents) {
      plan.deniedIntents = intents;
    },
    answer: ({ status, code = 0, when = "before", ...match }) =>
      plan.plan(match, when, { kind: "answer", status, code }),
    drop: ({ when, ...match }) => plan.plan(match, when, { kind: "drop" }),
    delay: (match, delayMs) => plan.delay(match, delayMs),
    hold: (match) => plan.hold(match),
    limitWrites: (window) => plan.limitWrites(window),
    limitOldEdits: (limit) => plan.limitOldEdits(limit),
    clear: () => plan.clear(),
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(toListenError(error, port)));
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

function toListenError(error: Error, port: number): Error {
  const taken = "code" in error && error.code === "EADDRINUSE";
  const reason = taken ? "another program uses it" : error.message;
  return new Error(
    `The playground cannot listen on port ${port}: ${reason}. Set PLAYGROUND_PORT to a free port.`,
    { cause: error },
  );
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
