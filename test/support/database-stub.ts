import { once } from "node:events";
import { createServer } from "node:net";

export interface StubServer extends AsyncDisposable {
  readonly url: string;
}

/** Lets anyone in and answers every query with its version, whatever is asked. */
export async function startStubServer(answer: string): Promise<StubServer> {
  const server = createServer((socket) => {
    socket.once("data", () => {
      socket.write(Buffer.concat([message("R", int32(0)), message("Z", Buffer.from("I"))]));
      socket.on("data", (bytes) => {
        if (bytes[0] === "Q".charCodeAt(0)) socket.write(answerWith(answer));
      });
    });
    socket.on("error", () => {});
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No port");
  return {
    url: `postgres://someone:password@127.0.0.1:${address.port}/stub`,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, "close");
    },
  };
}

/** @see https://www.postgresql.org/docs/current/protocol-message-formats.html */
function answerWith(text: string): Buffer {
  const field = Buffer.concat([
    Buffer.from("server_version\0"),
    int32(0),
    int16(0),
    int32(25),
    int16(-1),
    int32(-1),
    int16(0),
  ]);
  const value = Buffer.from(text);
  return Buffer.concat([
    message("T", Buffer.concat([int16(1), field])),
    message("D", Buffer.concat([int16(1), int32(value.length), value])),
    message("C", Buffer.from("SHOW\0")),
    message("Z", Buffer.from("I")),
  ]);
}

function message(type: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}
