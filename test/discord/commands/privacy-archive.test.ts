import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { readZipDirectory, readZipEntry } from "../../../src/cards/container/zip-archive.ts";
import type { OwnWords } from "../../../src/chat/privacy/privacy-store.ts";
import type { OwnData } from "../../../src/chat/privacy/privacy.ts";
import { writeArchives } from "../../../src/discord/commands/privacy-archive.ts";
import { direct } from "../../support/turns.ts";

const facts = {
  name: "Ada",
  userId: "100000000000000011",
  at: new Date("2026-11-23T14:05:00Z"),
  language: "en",
  nameOf: () => undefined,
  placeNameOf: () => undefined,
} as const;

/** Words that do not get smaller. */
function dataOf(count: number): OwnData {
  const words = Array.from({ length: count }, (_, index): OwnWords => {
    const text = `${index} ${randomBytes(500).toString("base64")}`;
    return { place: direct, saidAt: facts.at, text };
  });
  const others = { replies: [], notes: [], proposals: [], texts: [] };
  return { held: [], words, ...others, hasOptedOut: false };
}

async function wordsIn(archive: Uint8Array): Promise<readonly string[]> {
  const [json] = readZipDirectory(archive);
  if (json === undefined) throw new Error("an empty archive");
  const text = Buffer.from(await readZipEntry(archive, json, 1e7)).toString();
  const { words } = JSON.parse(text) as { words: readonly { text: string }[] };
  return words.map((one) => one.text);
}

it("fills as few files as the limit allows, with all that there is", async () => {
  const data = dataOf(60);
  const [whole] = await writeArchives(data, facts, 1e7);
  const most = Math.floor((whole?.length ?? 0) / 2);
  const archives = await writeArchives(data, facts, most);
  expect(archives.length).toBeGreaterThan(1);
  expect(archives.every(({ length }) => length <= most)).toBe(true);
  const words = await Promise.all(archives.map(wordsIn));
  expect(words.flat()).toEqual(data.words.map(({ text }) => text));
});

it("is refused, with what helps, where it would be too many files", async () => {
  await expect(writeArchives(dataOf(60), facts, 2_000)).rejects.toMatchObject({
    problem: { kind: "export-too-large" },
  });
});

it("has the system prompts and personas that someone wrote", async () => {
  const writtenAt = facts.at;
  const of = "100000000000000021";
  const prompt = { kind: "system-prompt", guildId: undefined, of, writtenAt } as const;
  const data = { ...dataOf(1), texts: [{ ...prompt, text: "Be kind.\n# Never" }] };
  const [archive] = await writeArchives(data, facts, 1e7);
  const [json, markdown] = readZipDirectory(archive ?? Buffer.of());
  if (archive === undefined || json === undefined || markdown === undefined) {
    throw new Error("an empty archive");
  }
  const read = async (entry: typeof json) =>
    Buffer.from(await readZipEntry(archive, entry, 1e7)).toString();
  expect(JSON.parse(await read(json))).toMatchObject({
    texts: [{ text: "Be kind.\n# Never", of }],
  });
  const text = await read(markdown);
  expect(text).toContain("## System prompts and personas that you wrote");
  expect(text).toContain("> Be kind.\n> # Never");
});
