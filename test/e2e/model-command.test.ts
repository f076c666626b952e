import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { startFileServer } from "../support/file-server.ts";
import { DEMO_MODEL_PATH } from "../support/model.ts";
import { patchDemoModel } from "../support/vocabulary-model.ts";

const MAIN = resolve("src/model-main.ts");
const LOADER = pathToFileURL(resolve("node_modules/tsx/dist/loader.mjs")).href;
/** The downloader keeps what has arrived in pieces of this size. */
const PIECE_BYTES = 5 * 1_024 * 1_024;

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

interface Command {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "familiar-command-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

function start(
  folder: string,
  words: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Command {
  const child = spawn(process.execPath, ["--import", LOADER, MAIN, ...words], {
    cwd: folder,
    env: { PATH: process.env["PATH"], GPU: "off", THREADS: "1", ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = Promise.all([once(child, "close"), text(child.stdout), text(child.stderr)]).then(
    ([[code], output, errors]) => ({ code: code as number | null, output, errors }),
  );
  return { child, ended };
}

async function run(
  words: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return await start(await createFolder(), words, settings).ended;
}

describe("npm run model -- check", () => {
  it("says all about a model in plain sentences and ends well", async () => {
    await using model = await patchDemoModel({
      removeKeys: ["tokenizer.chat_template"],
      tokenTypes: { "<|im_start|>": 4, "<|im_end|>": 1 },
    });
    // A broken MODEL is no matter of the one that is asked for.
    const { code, errors, output } = await run(["check", model.path], { MODEL: "no-such.gguf" });
    expect(errors).toBe("");
    expect(code).toBe(0);
    const facts = output.split("\n\n")[0]?.split("\n") ?? [];
    for (const fact of facts) expect(fact).toMatch(/^(?:ok {7}|warning {2})[^ ].*\.$/);
    expect(facts).toContain("ok       It has 3.2 million parameters.");
    expect(facts).toContain(
      "warning  It has no chat template: Familiar's prompts are used, ChatML.",
    );
    expect(output).toMatch(/\n\nIt will work, with \d warnings\.\n$/);
  });

  it("fails with the reason for a model that cannot be used", async () => {
    const { code, errors, output } = await run(["check", DEMO_MODEL_PATH], {
      CONTEXT_TOKENS: "9000",
    });
    expect(output).toMatch(/\n\nIt cannot be used: CONTEXT_TOKENS is 9000, but .* 2048\.\n$/);
    expect(errors).toBe("");
    expect(code).toBe(1);
  });

  it.each([
    ["no GGUF", MAIN, /^\S+model-main\.ts is no GGUF model: .*\n$/],
    ["a folder", resolve("src"), /^\S+ is a folder: .*\n$/],
    ["nothing", "no-such.gguf", /^There is no model file \S+no-such\.gguf: .*\n$/],
  ])("says in one sentence that a path leads to %s", async (_, path, sentence) => {
    const { code, errors, output } = await run(["check", path]);
    expect(errors).toMatch(sentence);
    expect(output).toBe("");
    expect(code).toBe(1);
  });

  it("ends with 78 for settings that are wrong", async () => {
    const { code, errors } = await run(["check", DEMO_MODEL_PATH], { CONTEXT_TOKENS: "many" });
    expect(errors).toMatch(/^One setting is wrong:\n {2}- CONTEXT_TOKENS must be a whole number/);
    expect(code).toBe(78);
  });
});

describe("npm run model", () => {
  it.each([
    [[], /^Usage:/],
    [["weigh", "model.gguf"], /^There is no command weigh\.\n\nUsage:/],
    [["check"], /^check takes one model\.\n\nUsage:/],
    [["check", "one.gguf", "other.gguf"], /^check takes one model\.\n\nUsage:/],
    [["download", "model.gguf"], /^model\.gguf is no address to download from\.\n\nUsage:/],
  ])("explains its usage instead of doing %j", async (words, explanation) => {
    const { code, errors, output } = await run(words);
    expect(errors).toMatch(explanation);
    expect(output).toBe("");
    expect(code).toBe(64);
  });

  it("explains its usage to who asks for it", async () => {
    const { code, output } = await run(["--help"]);
    expect(output).toMatch(/^Usage:\n {2}npm run model -- check <model>/);
    expect(code).toBe(0);
  });
});

describe("npm run model -- download", () => {
  it("fetches a model once and prints its path", async () => {
    await using server = await startFileServer();
    const bytes = await readFile(DEMO_MODEL_PATH);
    server.answer("/demo.gguf", () => ({ bytes }));
    const folder = await createFolder();
    const words = ["download", `${server.origin}/demo.gguf`];
    const settings = { DATA_DIR: join(folder, "kept") };
    const first = await start(folder, words, settings).ended;
    expect(first).toMatchObject({ code: 0, errors: "" });
    const path = first.output.trim();
    expect(path).toMatch(/kept[/\\]models[/\\][\da-f]{8}-demo\.gguf$/);
    expect((await readFile(path)).equals(bytes)).toBe(true);

    const asked = server.requests.length;
    expect(await start(folder, words, settings).ended).toEqual({ ...first, output: `${path}\n` });
    expect(server.requests).toHaveLength(asked);
  });

  it("says in one sentence that there is nothing", async () => {
    await using server = await startFileServer();
    const { code, errors } = await run(["download", `${server.origin}/none.gguf`]);
    expect(errors).toMatch(/^127\.0\.0\.1:\d+ has no file \S+none\.gguf \(404\): .*\n$/);
    expect(code).toBe(1);
  });

  // Windows has no signals: there a child can only be ended.
  it.skipIf(process.platform === "win32")("stops at Ctrl+C and goes on later", async () => {
    await using model = await patchDemoModel({
      setStrings: { "familiar.padding": "x".repeat(2 * PIECE_BYTES) },
    });
    const bytes = await readFile(model.path);
    await using server = await startFileServer();
    let isBroken = true;
    server.answer("/large.gguf", ({ from = 0 }) => {
      const breaks = isBroken && from >= PIECE_BYTES;
      return { bytes, ...(breaks ? { cutAfter: 1_000 } : {}) };
    });
    const folder = await createFolder();
    const words = ["download", `${server.origin}/large.gguf`];
    const { child, ended } = start(folder, words);
    // By then, the first piece is there.
    child.stdout?.on("data", (chunk) => {
      const isUnderWay = /Downloading the model: [1-9]/.test(String(chunk));
      if (isUnderWay && !child.killed) child.kill("SIGINT");
    });
    expect(await ended).toMatchObject({
      code: 130,
      errors: "\nStopped. A download goes on from here when it is started again.\n",
    });
    const models = join(folder, "data", "models");
    expect(await readdir(models)).toEqual([expect.stringMatching(/\.ipull$/)]);

    isBroken = false;
    const { code, output } = await start(folder, words).ended;
    expect(code).toBe(0);
    expect((await readFile(output.trim().split("\n").at(-1) ?? "")).equals(bytes)).toBe(true);
  });
});
