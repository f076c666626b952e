import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { heavyFiles } from "./heavy-files.ts";

const CHILD = fileURLToPath(new URL("../support/card-reader-child.ts", import.meta.url));
const MAX_GROWTH_BYTES = 64 * 1024 * 1024;

interface Outcome {
  readonly cards: number;
  readonly refusals: number;
  readonly slowestMs: number;
  readonly growthBytes: number;
}

/** In a process of its own, which is ended when it hangs, and whose memory is all theirs. */
async function readInChild(...parameters: readonly string[]): Promise<Outcome> {
  const flags = ["--expose-gc", "--max-semi-space-size=2", "--import", "tsx"];
  const command = [...flags, CHILD, ...parameters];
  const { stdout } = await promisify(execFile)(process.execPath, command, { timeout: 25_000 });
  return JSON.parse(stdout) as Outcome;
}

it("of 10,000 damaged files, each is a card or refused, none takes long or much memory", async () => {
  const outcome = await readInChild("damaged", "10000", "4");
  expect(outcome.cards + outcome.refusals).toBe(10_000);
  expect(outcome.cards).toBeGreaterThan(500);
  expect(outcome.refusals).toBeGreaterThan(500);
  expect(outcome.slowestMs).toBeLessThan(2_000);
  expect(outcome.growthBytes).toBeLessThan(MAX_GROWTH_BYTES);
});

it("the files that take most are read in bounded memory and time", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cards-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const paths = Array.from(heavyFiles(), (bytes, index) => {
    const path = join(folder, `${index}`);
    writeFileSync(path, bytes);
    return path;
  });
  const outcome = await readInChild("files", ...paths);
  expect(outcome.cards + outcome.refusals).toBe(paths.length);
  expect(outcome.slowestMs).toBeLessThan(5_000);
  expect(outcome.growthBytes).toBeLessThan(MAX_GROWTH_BYTES);
});
