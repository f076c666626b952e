import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startPlayground } from "../../src/playground/playground.ts";
import { createBlankMessage } from "../../src/playground/world/message-record.ts";
import { World } from "../../src/playground/world/world.ts";
import { connectPerson, type PlaygroundSession, readSession } from "../support/playground.ts";

let parent: string;

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), "playground-"));
});

afterAll(async () => {
  await rm(parent, { recursive: true, force: true });
});

function rethrow(error: unknown): never {
  throw error;
}

function createFolder(): Promise<string> {
  return mkdtemp(join(parent, "world-"));
}

test("a restart keeps ids, tokens, messages, edits, threads, files and commands", async () => {
  const dataDir = await createFolder();
  const before = await startPlayground({ port: 0, dataDir });
  const sessionBefore = await readSession(before);
  await using ada = await connectPerson(before, "Ada");
  const form = new FormData();
  form.set("payload_json", JSON.stringify({ content: "with a file" }));
  form.set("files[0]", new Blob(["bytes"], { type: "text/plain" }), "note.txt");
  await ada.request("POST", `/channels/${ada.channelId}/messages`, form);
  const message = await ada.post(ada.channelId, "first");
  await ada.edit(message, "edited");
  const gone = await ada.post(ada.channelId, "gone");
  await ada.remove(gone);
  const thread = await ada.openThread(ada.channelId, "t", message.id);
  await before[Symbol.asyncDispose]();

  await using after = await startPlayground({ port: 0, dataDir });
  const sessionAfter = await readSession(after);
  const stable = ({ people, channels, guildId, applicationId }: typeof sessionAfter): unknown => ({
    people,
    channels,
    guildId,
    applicationId,
  });
  expect(stable(sessionAfter)).toEqual(stable(sessionBefore));
  expect(after.botToken).toBe(before.botToken);
  await using again = await connectPerson(after, "Ada");
  const messages = await again.messages(again.channelId);
  expect(messages.map((one) => one.content)).toEqual(["edited", "with a file"]);
  expect(messages[0]?.thread?.id).toBe(thread.id);
  const file = await fetch(messages[1]?.attachments[0]?.url ?? "");
  expect(await file.text()).toBe("bytes");
  const later = await again.post(again.channelId, "later");
  expect(BigInt(later.id)).toBeGreaterThan(BigInt(gone.id));
});

test("a killed server has lost nothing that was written a moment before", async () => {
  const dataDir = await createFolder();
  const module = new URL("../../src/playground/playground.ts", import.meta.url).href;
  const script = `import(${JSON.stringify(module)}).then(async ({ startPlayground }) => {
    const playground = await startPlayground({ port: 0, dataDir: ${JSON.stringify(dataDir)} });
    console.log(playground.pageUrl);
  });`;
  const child = spawn(process.execPath, ["--import", "tsx", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const pageUrl = line.toString().trim();
  const session = (await (await fetch(`${pageUrl}playground/session`)).json()) as PlaygroundSession;
  const [ada, channel] = [session.people[0], session.channels[0]];
  await fetch(`${session.apiUrl}/v10/channels/${channel?.id}/messages`, {
    method: "POST",
    headers: { authorization: ada?.token ?? "", "content-type": "application/json" },
    body: JSON.stringify({ content: "just in time" }),
  });
  const journal = join(dataDir, "world.jsonl");
  await expect.poll(() => readFile(journal, "utf8")).toContain("just in time");
  child.kill("SIGKILL");
  await exited;
  await using playground = await startPlayground({ port: 0, dataDir });
  await using again = await connectPerson(playground, "Ada");
  expect((await again.messages(again.channelId)).map((one) => one.content)).toEqual([
    "just in time",
  ]);
});

test("a line that a crash cut in half is passed over, and the next start writes on", async () => {
  const dataDir = await createFolder();
  const open = (): Promise<World> =>
    World.open({ folder: dataDir, now: Date.now, onFault: rethrow });
  const user = { username: "u", displayName: "U", bot: false };
  const first = await open();
  first.addUser({ ...user, id: "1", token: "one" });
  await first[Symbol.asyncDispose]();
  await appendFile(join(dataDir, "world.jsonl"), '["users","2",{"id":"2","user');
  const second = await open();
  second.addUser({ ...user, id: "3", token: "three" });
  await second[Symbol.asyncDispose]();
  await using third = await open();
  expect([...third.users.values()].map((one) => one.id)).toEqual(["1", "3"]);
});

test("the journal stays small however often a message is edited", async () => {
  const dataDir = await createFolder();
  const world = await World.open({ folder: dataDir, now: Date.now, onFault: rethrow });
  const message = createBlankMessage(world, { id: "1" }, "2");
  for (let index = 0; index < 6000; index += 1)
    world.putMessage({ ...message, content: String(index) });
  await world[Symbol.asyncDispose]();
  const lines = (await readFile(join(dataDir, "world.jsonl"), "utf8")).trim().split("\n");
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('"content":"5999"');
});

test.skipIf(process.platform === "win32")("tokens are readable by their owner alone", async () => {
  const dataDir = await createFolder();
  const playground = await startPlayground({ port: 0, dataDir });
  await playground[Symbol.asyncDispose]();
  expect((await stat(join(dataDir, "world.jsonl"))).mode & 0o777).toBe(0o600);
});

test("a port that is taken is named with its mend", async () => {
  await using playground = await startPlayground({ port: 0, dataDir: undefined });
  const port = Number(new URL(playground.pageUrl).port);
  await expect(startPlayground({ port, dataDir: undefined })).rejects.toThrow(
    `The playground cannot listen on port ${port}: another program uses it. ` +
      "Set PLAYGROUND_PORT to a free port.",
  );
});
