import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { createFolder } from "../support/database.ts";
import { runFamiliar, startFamiliar } from "../support/familiar-process.ts";

async function createOwnFolder(): Promise<string> {
  const folder = await createFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

it("reports all bad settings together, each with its mend, and exits with 78", async () => {
  const folder = await createOwnFolder();
  await writeFile(join(folder, ".env"), "GPU=fast\nTOP_K=many\n");
  const { code, output } = await runFamiliar(folder, { CONTEXT_TOKENS: "-1" });
  expect(code).toBe(78);
  expect(output).toMatch(/^3 settings are wrong:/);
  expect(output).toMatch(/GPU must be one of: auto, off, cuda, vulkan, metal/);
  expect(output).toMatch(/TOP_K must be a whole number/);
  expect(output).toMatch(/CONTEXT_TOKENS must be a whole number/);
  expect(output).not.toMatch(/\bat .*:\d+:\d+/);
});

it.each([
  ["a model that is no GGUF", { MODEL: ".env" }, 78, /is no GGUF|is not a GGUF/],
  ["a context above the trained one", { CONTEXT_TOKENS: "9000" }, 78, /CONTEXT_TOKENS.*2048/],
  [
    "a Discord that is not there",
    {
      DISCORD_TOKEN: "a.token.that.nobody.knows",
      DISCORD_API_URL: "http://127.0.0.1:9/api",
      MODEL: "demo",
    },
    78,
    /MODEL is not there/,
  ],
])("says in one sentence what is wrong with %s", async (_, environment, status, sentence) => {
  const folder = await createOwnFolder();
  await writeFile(join(folder, ".env"), "# nothing is set here\n");
  const { code, output } = await runFamiliar(folder, environment);
  expect(output).toMatch(sentence);
  expect(output).not.toMatch(/\bat .*:\d+:\d+/);
  expect(code).toBe(status);
});

it("refuses a second process on the same data", async () => {
  const folder = await createOwnFolder();
  await mkdir(join(folder, "data"));
  await using _first = await startFamiliar(folder);
  const { code, output } = await runFamiliar(folder, {});
  expect(code, output).not.toBe(0);
  expect(output).toMatch(/another|in use|already/i);
  expect(output).not.toMatch(/\bat .*:\d+:\d+/);
});
