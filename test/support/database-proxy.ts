import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { Server, Socket } from "node:net";

/** Stands between a client and a server, and takes the server away on demand. */
export class DatabaseProxy implements AsyncDisposable {
  readonly url: string;
  readonly #server: Server;
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();
  #mode: "forward" | "refuse" | "silent" = "forward";

  private constructor(server: Server, target: URL, port: number) {
    const url = new URL(target);
    url.hostname = "127.0.0.1";
    url.port = String(port);
    this.url = url.href;
    this.#server = server;
    this.#target = target;
    server.on("connection", (socket) => this.#accept(socket));
  }

  static async start(target: string): Promise<DatabaseProxy> {
    const server = createServer({ allowHalfOpen: false }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("No port");
    return new DatabaseProxy(server, new URL(target), address.port);
  }

  /** Everything is cut, and new connections are closed at once. */
  refuse(): void {
    this.#mode = "refuse";
    this.#cut();
  }

  /** Connections stay and take bytes, but nothing comes back. */
  silence(): void {
    this.#mode = "silent";
  }

  /** Connections that were silent are cut. */
  forward(): void {
    if (this.#mode === "silent") this.#cut();
    this.#mode = "forward";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#cut();
    await once(this.#server, "close");
  }

  #accept(client: Socket): void {
    this.#keep(client);
    if (this.#mode === "refuse") {
      client.end();
      return;
    }
    const server = this.#keep(connect(Number(this.#target.port), this.#target.hostname));
    client.on("data", (bytes) => server.write(bytes));
    server.on("data", (bytes) => {
      if (this.#mode === "forward") client.write(bytes);
    });
    client.on("close", () => server.destroy());
    server.on("close", () => client.destroy());
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => this.#sockets.delete(socket));
    return socket;
  }

  #cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
