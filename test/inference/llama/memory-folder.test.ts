import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { MemoryFolder } from "../../../src/inference/llama/memory-folder.ts";

const SHARED_MEMORY = "/dev/shm";

it("is none where files lie on a disk", async () => {
  // procfs: never a tmpfs, whatever this machine's temporary files lie in.
  expect(await MemoryFolder.create("/proc")).toBeUndefined();
  expect(await MemoryFolder.create(join(tmpdir(), "is-not-there"))).toBeUndefined();
});

describe.skipIf(!existsSync(SHARED_MEMORY))("a folder in memory", () => {
  const open = async () => {
    const root = await mkdtemp(join(SHARED_MEMORY, "test-"));
    const folder = await MemoryFolder.create(root);
    if (folder === undefined) throw new Error("there is none");
    const close = (): Promise<void> => rm(root, { recursive: true, force: true });
    return { root, folder, [Symbol.asyncDispose]: close };
  };

  it("is made anew when it is gone, and only then", async () => {
    await using opened = await open();
    const { folder, root } = opened;
    const first = folder.path;
    expect(await folder.countFree()).toBeGreaterThan(0);
    expect(folder.path).toBe(first);
    await rm(first, { recursive: true });
    expect(await folder.countFree()).toBeGreaterThan(0);
    await writeFile(join(folder.path, "state"), "");
    await folder.remove();
    expect(await readdir(root)).toEqual([]);
  });

  it("has nothing free where it cannot be made", async () => {
    await using opened = await open();
    await rm(opened.root, { recursive: true });
    expect(await opened.folder.countFree()).toBe(0);
  });
});
