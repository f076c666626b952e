import { assert, asyncProperty, record, string, uniqueArray } from "fast-check";
import { expect, it } from "vitest";
import { readZipDirectory, readZipEntry } from "../../src/cards/container/zip-archive.ts";
import { writeZip } from "../../src/discord/write-zip.ts";

const AT = new Date("2026-11-23T14:05:00Z");

it("is read back as it was written", async () => {
  const file = record({
    name: string({ minLength: 1, unit: "grapheme" }),
    text: string({ unit: "grapheme" }),
  });
  const files = uniqueArray(file, { selector: ({ name }) => name, maxLength: 5 });
  await assert(
    asyncProperty(files, async (written) => {
      const bytes = await writeZip(written, AT);
      const entries = readZipDirectory(bytes);
      const read = await Promise.all(
        entries.map(async (entry) => ({
          name: entry.name,
          text: Buffer.from(await readZipEntry(bytes, entry, 1e6)).toString(),
        })),
      );
      expect(read).toEqual(written);
    }),
  );
});

it("packs what repeats itself", async () => {
  const text = "Hello again. ".repeat(10_000);
  expect((await writeZip([{ name: "a.md", text }], AT)).length).toBeLessThan(2_000);
});
