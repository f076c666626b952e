import { chmod, copyFile, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { getLlama, LlamaLogLevel } from "node-llama-cpp";
import type { Llama } from "node-llama-cpp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { assertGguf } from "../../../src/inference/model/gguf-file.ts";
import { patchGguf } from "../../support/gguf-patch.ts";

const DEMO_MODEL = fileURLToPath(
  new URL("../../../models/familiar-demo-3m-q8_0.gguf", import.meta.url),
);
const CONTROL = 3;
const USER_DEFINED = 4;
const NORMAL = 1;

let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "familiar-gguf-"));
});

afterAll(async () => {
  await rm(scratch, { recursive: true });
});

async function expectFault(path: string, message: RegExp): Promise<void> {
  await expect(assertGguf(path)).rejects.toMatchObject({ code: "model-invalid" });
  await expect(assertGguf(path)).rejects.toThrow(message);
}

describe("a model file", () => {
  test("that is sound passes", async () => {
    await expect(assertGguf(DEMO_MODEL)).resolves.toBeUndefined();
  });

  test("that is not there is told", async () => {
    await expectFault(
      join(scratch, "none.gguf"),
      /^There is no model file .*none\.gguf: set MODEL/,
    );
    await expectFault(join(DEMO_MODEL, "none.gguf"), /^There is no model file .*none\.gguf: set/);
  });

  test("that is a folder is told", async () => {
    await expectFault(scratch, / is a folder: set MODEL to the \.gguf file in it$/);
  });

  // Windows has no such rights, and root may read everything.
  test.skipIf(process.platform === "win32" || process.getuid?.() === 0)(
    "that may not be read is told",
    async () => {
      const path = join(scratch, "locked.gguf");
      await copyFile(DEMO_MODEL, path);
      await chmod(path, 0);
      await expectFault(path, /may not be read: give the user that runs Familiar the right/);
    },
  );

  test("that is empty or something else is told", async () => {
    const path = join(scratch, "other.gguf");
    await writeFile(path, "");
    await expectFault(path, /is empty: delete it and download it again$/);
    await writeFile(path, "GG");
    await expectFault(path, /is no GGUF model: set MODEL to a file that ends in \.gguf$/);
    await writeFile(path, "<!doctype html>");
    await expectFault(path, /is no GGUF model/);
  });

  test("that lacks a single byte of its last tensor is told with both sizes", async () => {
    const path = join(scratch, "short.gguf");
    await copyFile(DEMO_MODEL, path);
    await truncate(path, 3_482_207);
    await expectFault(path, /is incomplete, 3\.5 MB of 3\.5 MB: delete it and download it again$/);
    await truncate(path, 1_000_000);
    await expectFault(path, /is incomplete, 1\.0 MB of 3\.5 MB/);
  });

  test("that is cut anywhere is told", async () => {
    const bytes = await readFile(DEMO_MODEL);
    const path = join(scratch, "cut.gguf");
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 4, max: 60_000 }), async (length) => {
        await writeFile(path, bytes.subarray(0, length));
        await expectFault(path, /is (?:incomplete|damaged).*delete it and download it again$/);
      }),
      { numRuns: 40 },
    );
  });

  test("whose header is nonsense is told", async () => {
    const path = join(scratch, "nonsense.gguf");
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), fc.boolean(), async (bytes, isHead) => {
        const head = Buffer.from(isHead ? "GGUF\x03\0\0\0" : "GGUF", "latin1");
        await writeFile(path, Buffer.concat([head, bytes]));
        await expectFault(path, /is incomplete or damaged: delete it and download it again$/);
      }),
      { numRuns: 40 },
    );
  });

  test("that is one of several parts needs the others", async () => {
    const path = join(scratch, "parts-00001-of-00002.gguf");
    await copyFile(DEMO_MODEL, path);
    await expectFault(path, /is one of several parts, and not all of them are there: put every/);
    const second = join(scratch, "parts-00002-of-00002.gguf");
    await copyFile(DEMO_MODEL, second);
    await expect(assertGguf(path)).resolves.toBeUndefined();
    await truncate(second, 2_000_000);
    await expectFault(path, /parts-00002-of-00002\.gguf is incomplete, 2\.0 MB of 3\.5 MB/);
  });
});

describe("a patched copy", () => {
  let llama: Llama;

  beforeAll(async () => {
    const logLevel = LlamaLogLevel.disabled;
    llama = await getLlama({ gpu: false, build: "never", maxThreads: 1, logLevel });
  });

  afterAll(async () => {
    await llama.dispose();
  });

  test("with nothing changed is the same file", async () => {
    const path = join(scratch, "same.gguf");
    await patchGguf(DEMO_MODEL, path, {});
    expect((await readFile(path)).equals(await readFile(DEMO_MODEL))).toBe(true);
  });

  test.each([
    { type: CONTROL, plain: 8, special: 1 },
    { type: USER_DEFINED, plain: 1, special: 1 },
    { type: NORMAL, plain: 8, special: 8 },
  ])("has tokens of type $type, as llama.cpp sees them", async ({ type, plain, special }) => {
    const path = join(scratch, `type-${type}.gguf`);
    await patchGguf(DEMO_MODEL, path, { tokenTypes: { "<|im_start|>": type } });
    await using model = await llama.loadModel({ modelPath: path });
    expect(model.tokenize("<|im_start|>")).toHaveLength(plain);
    expect(model.tokenize("<|im_start|>", true)).toHaveLength(special);
  });

  test("has keys removed, replaced and added, and its tensors where they belong", async () => {
    const path = join(scratch, "keys.gguf");
    await patchGguf(DEMO_MODEL, path, {
      removeKeys: ["tokenizer.chat_template"],
      setStrings: { "general.name": "changed", "familiar.note": "added" },
      setNumbers: { "llama.context_length": 512 },
    });
    await using model = await llama.loadModel({ modelPath: path });
    expect(model.fileInfo.metadata.tokenizer.chat_template).toBeUndefined();
    expect(model.fileInfo.metadata.general.name).toBe("changed");
    expect(model.trainContextSize).toBe(512);
    await using context = await model.createContext({ contextSize: 256, threads: 1 });
    await using sequence = context.getSequence();
    const prompt = "<|im_start|>user\nHello!<|im_end|>\n<|im_start|>assistant\n";
    const tokens = [];
    for await (const token of sequence.evaluate(model.tokenize(prompt, true), { temperature: 0 })) {
      if (model.isEogToken(token) || tokens.length > 20) break;
      tokens.push(token);
    }
    expect(model.detokenize(tokens)).toMatch(/^Hello! I am /);
  });

  test("cannot change what is not there", async () => {
    const path = join(scratch, "never.gguf");
    const patch = patchGguf(DEMO_MODEL, path, { removeKeys: ["no.such.key"] });
    await expect(patch).rejects.toThrow("the GGUF has no no.such.key");
    const retype = patchGguf(DEMO_MODEL, path, { tokenTypes: { "no such token": 1 } });
    await expect(retype).rejects.toThrow("the GGUF has no token no such token");
  });
});
