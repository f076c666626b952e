import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, expect, it } from "vitest";
import { lockFolder } from "../../src/store/folder-lock.ts";

const { signal } = new AbortController();
let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "familiar-lock-"));
  path = join(folder, "database.lock");
});
afterEach(() => rm(folder, { recursive: true }));

function pidOfGoneProcess(): number {
  return spawnSync(process.execPath, ["--version"]).pid;
}

it("names its process in a file, and takes the file away when it is let go", async () => {
  const lock = await lockFolder(path, signal);
  expect(Number.parseInt(await readFile(path, "utf8"), 10)).toBe(process.pid);
  await lock[Symbol.asyncDispose]();
  expect(await readdir(folder)).toEqual([]);
  await using again = await lockFolder(path, signal);
  expect(again).toBeDefined();
});

it("refuses whoever comes second, with the process and the file in one sentence", async () => {
  await using lock = await lockFolder(path, signal);
  expect(lock).toBeDefined();
  const second = lockFolder(path, signal);
  await expect(second).rejects.toMatchObject({ code: "store-failed" });
  await expect(second).rejects.toThrow(`Process ${process.pid} is using the database already`);
  await expect(second).rejects.toThrow(`delete ${path}`);
});

it("takes over from a process that is gone", async () => {
  await writeFile(path, `${pidOfGoneProcess()} - 1700000000000\n`);
  await using lock = await lockFolder(path, signal);
  expect(lock).toBeDefined();
  expect(await readFile(path, "utf8")).toMatch(new RegExp(`^${process.pid} `));
});

it("takes over from an earlier process that had its own pid, as in a restarted container", async () => {
  await writeFile(path, `${process.pid} - 1700000000000\n`);
  await using lock = await lockFolder(path, signal);
  expect(lock).toBeDefined();
});

it.runIf(process.platform === "linux")(
  "takes over when another process has the pid by now",
  async () => {
    await writeFile(path, `${process.ppid} another-boot:1 1700000000000\n`);
    await using lock = await lockFolder(path, signal);
    expect(lock).toBeDefined();
  },
);

it("takes over a file that a crash left empty, and a takeover that a crash cut off", async () => {
  const longAgo = new Date(Date.now() - 60_000);
  await writeFile(path, "");
  await utimes(path, longAgo, longAgo);
  await writeFile(`${path}.takeover`, "");
  await utimes(`${path}.takeover`, longAgo, longAgo);
  await using lock = await lockFolder(path, signal);
  expect(lock).toBeDefined();
  expect(await readdir(folder)).toEqual(["database.lock"]);
});

it("goes to exactly one of many that see the same stale file", async () => {
  for (let round = 0; round < 20; round += 1) {
    await writeFile(path, `${pidOfGoneProcess()} - 1700000000000\n`);
    const attempts = Array.from({ length: 8 }, () => lockFolder(path, signal));
    const won = (await Promise.allSettled(attempts)).filter(({ status }) => status === "fulfilled");
    expect(won).toHaveLength(1);
    await rm(path);
  }
});

it("stops waiting when it is told to", async () => {
  await expect(lockFolder(path, AbortSignal.abort("stop"))).rejects.toBe("stop");
  expect(await readdir(folder)).toEqual([]);
});
